"""Texts as token ids: the tokenizer that lies beside the weights, without transformers."""

import shutil
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer as Tokenizing

_FILE = "tokenizer.json"
_FILES = (_FILE, "tokenizer_config.json")  # the second is for those who load it with transformers


class Tokenizer:
    """Reads as the files in a folder say; any number of threads may ask it at once."""

    def __init__(self, folder: Path) -> None:
        """Whatever a file says of cutting and padding, texts are read whole."""
        self._folder = folder
        self._tokenizing = _tokenizing((folder / _FILE).read_text(encoding="utf-8"))
        self.start, self.end = self._tokenizing.encode("").ids  # marks alone

    @property
    def vocabulary(self) -> Collection[str]:
        """All tokens."""
        tokens: dict[str, int] = self._tokenizing.get_vocab()
        return tokens

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without marks."""
        read = self._tokenizing.encode_batch_fast(list(texts), add_special_tokens=False)
        return [text.ids for text in read]

    def ids_of_words(
        self, sentences: Sequence[Sequence[str]]
    ) -> list[tuple[list[int], list[int | None]]]:
        """The ids of each sentence, without marks, and the word that each of them is of."""
        read = self._tokenizing.encode_batch(
            [list(words) for words in sentences], is_pretokenized=True, add_special_tokens=False
        )
        return [(sentence.ids, sentence.word_ids) for sentence in read]

    def save(self, folder: Path) -> None:
        """Copies its files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copy(self._folder / name, folder)


@lru_cache(maxsize=2)  # what is fine-tuned reads as what it began as: both are one
def _tokenizing(said: str) -> Tokenizing:
    tokenizing = Tokenizing.from_str(said)
    tokenizing.no_truncation()
    tokenizing.no_padding()
    return tokenizing

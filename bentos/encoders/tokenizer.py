"""Texts as token ids: the tokenizer that lies beside the weights, without transformers."""

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from tokenizers import Tokenizer as Tokenizing

_FILE = "tokenizer.json"
_FILES = (_FILE, "tokenizer_config.json")  # the second is for those who load it with transformers


class Tokenizer:
    """Reads as the files in a folder say; any number of threads may ask it at once."""

    def __init__(self, folder: Path) -> None:
        """Takes its own cuts: those that the file asks for are not made."""
        self._folder = folder
        self._tokenizing = Tokenizing.from_file(str(folder / _FILE))
        self._tokenizing.no_truncation()
        self._tokenizing.no_padding()
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

"""Token ids without transformers, against those that transformers gives."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from bentos.encoders.text import TextEncoder
from bentos.encoders.tokenizer import Tokenizer
from bentos.encoders.weights import minilm_folder
from bentos.search.pairs import PairReader

_DATA = Path(os.environ.get("SHOPKEEPER_TEST_DATA", Path(__file__).parents[5] / "shared" / "data"))
_CHORUS = _DATA / "chorus" / "products.parquet"
HARD = [
    "",
    " \t\n ",
    "a red ballpoint pen",
    "Über-façade naïveté İstanbul",
    "e\u0301" * 40,
    "🎧 👩‍👩‍👧‍👦 🇫🇮",
    "кабель samsung 耳机 σκληρός 케이블 كابل हेडसेट",
    "[CLS] [SEP] [MASK] [PAD] [UNK] cls",
    "it's 3.5mm, 10x-zoom (wi-fi) #1 & <b>50%</b> off!",
    "\x00\x01nul\u200bzero\u200djoined\ufeff\u00ad",
    "x" * 300,
    "many words " * 300,
]


@pytest.fixture(scope="module", params=["hard", "chorus"])
def texts(request: pytest.FixtureRequest) -> list[str]:
    if request.param == "hard":
        return HARD
    if not _CHORUS.exists():
        pytest.skip(f"Chorus is not at {_CHORUS}; SHOPKEEPER_TEST_DATA names its folder")
    titles: list[str] = pq.read_table(_CHORUS, columns=["title"])["title"].to_pylist()
    return titles


@pytest.fixture(scope="module")
def theirs() -> PreTrainedTokenizerBase:
    found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(minilm_folder())
    return found


def test_texts_have_the_ids_that_transformers_gives_them(
    theirs: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    expected = theirs(texts, truncation=True, max_length=256)["input_ids"]
    assert [ids for ids, _ in TextEncoder().rows(texts)] == expected


def test_pairs_have_the_ids_that_transformers_gives_them_where_nothing_is_cut(
    theirs: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    short = [text for text in texts if len(text) < 20]
    queries = ["wireless mouse", *short[1:]]
    read = PairReader(minilm_folder(), 64).read(queries, short)
    expected = theirs(queries, short)
    assert [ids for ids, _ in read] == expected["input_ids"]
    assert [n for _, n in read] == [kinds.count(0) for kinds in expected["token_type_ids"]]


def test_a_pair_that_is_too_long_is_cut_as_transformers_cuts_its_second_part(
    theirs: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    queries = ["wireless mouse"] * len(texts)
    read = PairReader(minilm_folder(), 16).read(queries, texts)
    expected = theirs(queries, texts, truncation="only_second", max_length=16)["input_ids"]
    assert [ids for ids, _ in read] == expected


def test_words_know_their_tokens_as_they_do_in_transformers(
    theirs: PreTrainedTokenizerBase, texts: list[str]
) -> None:
    sentences = [text.split() for text in texts]
    expected = theirs(sentences, is_split_into_words=True, add_special_tokens=False)
    found = Tokenizer(minilm_folder()).ids_of_words(sentences)
    assert [ids for ids, _ in found] == expected["input_ids"]
    assert [words for _, words in found] == [expected.word_ids(n) for n in range(len(sentences))]


def test_a_copy_reads_the_same_with_transformers_and_without(tmp_path: Path) -> None:
    Tokenizer(minilm_folder()).save(tmp_path)
    copied = AutoTokenizer.from_pretrained(tmp_path)(HARD, add_special_tokens=False)["input_ids"]
    assert Tokenizer(tmp_path).ids(HARD) == copied == Tokenizer(minilm_folder()).ids(HARD)

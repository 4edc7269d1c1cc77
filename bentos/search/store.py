"""A search model in a folder: the reranker, and beside it the tagger of queries."""

from dataclasses import dataclass
from pathlib import Path

from bentos.search.reranker import Reranker
from bentos.search.understanding.tagger import Tagger
from bentos.search.understanding.vocabulary import Vocabulary

TAGGER = "tagger"  # its folder in the model's


@dataclass(frozen=True)
class SearchModel:
    """What was learnt, without the catalogue that it will be asked about."""

    reranker: Reranker
    folder: Path
    device: str

    @classmethod
    def load(cls, folder: Path, device: str) -> "SearchModel":
        """Reads what training left in ``folder``."""
        return cls(Reranker.load(folder, device), folder, device)

    def tagger(self, vocabulary: Vocabulary) -> Tagger | None:
        """The tagger, with the values of a catalogue as it is now.

        None where the catalogue that was learnt from said too little: a query is then not
        understood, and loses nothing.
        """
        return tagger_in(self.folder, vocabulary, self.device)


def tagger_in(folder: Path, vocabulary: Vocabulary, device: str) -> Tagger | None:
    """The tagger of the model in a folder, where it has one."""
    place = folder / TAGGER
    return Tagger.load(place, vocabulary, device) if place.exists() else None

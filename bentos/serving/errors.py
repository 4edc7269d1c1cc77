"""What can go wrong while serving.

ServingError
├── LogUnwritable     the disk refuses a line: the answer must not leave
├── Overloaded        more would wait than may
├── BodyTooLong       a request is longer than may be
├── StateMissing      there is no online state, or it is damaged
├── IndexMissing      there is no search index, or it is damaged
├── IndexMismatch     the search index was made by another encoder
├── RolloutMissing    no record says which model serves
└── ModelUnloadable   the store lacks the model, or can't read it
"""


class ServingError(Exception):
    """The root of what serving raises on purpose."""


class LogUnwritable(ServingError):
    """A log line could not be written whole; nothing of it was left behind."""


class Overloaded(ServingError):
    """The queue of what is to be read is full."""


class BodyTooLong(ServingError):
    """A request's body is longer than is read."""


class StateMissing(ServingError):
    """The online state can't be read."""


class IndexMissing(ServingError):
    """The search index can't be read."""


class IndexMismatch(ServingError):
    """The search index holds another encoder's vectors: similarities would mean nothing."""


class RolloutMissing(ServingError):
    """No rollout record names a model for the scenario."""


class ModelUnloadable(ServingError):
    """A model that the rollout record names can't be loaded."""

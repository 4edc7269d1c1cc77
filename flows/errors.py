"""What can go wrong in a flow or command.

FlowError
├── SupervisorError   `up` or `down` can't do what was asked
├── ServerMissing     no Prefect server came up for a command
├── NotServing        a deployed service did not take the model up
├── RolloutRefused    what was to serve is not there, or serves already
├── ReplayRefused     the service did not take part in a replay
├── LogsMissing       where the nightly is to look for logs is nothing
├── DiskFull          there is no room to write
├── IncidentUnknown   nights have told of no incident of that name
├── DaysBackwards     a range of days ends before it begins
└── NothingToJudge    there are no purchases or judgments to hold a model against
"""


class FlowError(Exception):
    """The root of what this room raises on purpose; the message says what to do."""


class SupervisorError(FlowError):
    """`up` or `down` can't do what was asked."""


class ServerMissing(FlowError):
    """No Prefect server came up for a command."""


class NotServing(FlowError):
    """A deployed service did not take the model up."""


class RolloutRefused(FlowError):
    """What was to serve is not there, or serves already."""


class ReplayRefused(FlowError):
    """The service did not take part in a replay."""


class LogsMissing(FlowError):
    """Where the nightly is to look for logs is nothing, or nothing that can be read."""


class DiskFull(FlowError):
    """There is no room to write; what was there before still is."""


class IncidentUnknown(FlowError):
    """Nights have told of no incident of that name, or not of late."""


class DaysBackwards(FlowError):
    """A range of days ends before it begins."""


class NothingToJudge(FlowError):
    """There are no purchases or judgments to hold a model against."""

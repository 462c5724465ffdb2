"""May this draft be replayed?"""

from server.policy.checking import check_layers
from server.policy.pack import Pack, PackError, compose, read_layers
from server.refusal import Reason, Refusal


class PolicyReason(Reason):
    """Why a draft pack is not replayed."""

    BAD_PACK = "bad_pack"


def draft_of(*, text: str | None, name: str | None, in_force: Pack) -> Pack:
    """The pack to replay: the text of a draft, which may extend a shipped one, a shipped one by name, or that in force.

    What is wrong with it is said fault by fault.
    """
    try:
        if text is not None:
            layers = read_layers("draft", text=text)
            faults = check_layers(layers).faults
            if faults:
                raise PackError(faults)
            return compose(layers)
        return compose(read_layers(name)) if name else in_force
    except PackError as error:
        raise Refusal(PolicyReason.BAD_PACK, 422, faults=[str(fault) for fault in error.faults]) from None

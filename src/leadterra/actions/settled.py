"""A message whose ending is known, and what that means: what the parts of a settlement hand to each other."""

from dataclasses import dataclass

from leadterra.actions.ports import Attempt
from leadterra.domain.enrollment import ENDED
from leadterra.domain.outcomes import Scope
from leadterra.domain.settlement import MessageState, Verdict
from leadterra.store.settlements import OpenMessage


@dataclass(frozen=True, slots=True)
class Settled:
    """message: as it was found, locked. attempt: how its claim ended. verdict: what becomes of it."""

    message: OpenMessage
    attempt: Attempt
    verdict: Verdict

    @property
    def was_uncertain(self) -> bool:
        """It was settled as uncertain before; somebody knows better now."""
        return self.message.state == MessageState.UNCERTAIN

    @property
    def is_known(self) -> bool:
        """It was uncertain before, and nobody knows better: this has been settled."""
        return self.was_uncertain and self.verdict.message is MessageState.UNCERTAIN

    @property
    def is_refused(self) -> bool:
        """It was given up, for whoever's sake."""
        return self.verdict.message is MessageState.REFUSED

    @property
    def is_bounced(self) -> bool:
        """It was given up for the recipient's sake: only that is a bounce."""
        return self.is_refused and self.verdict.refusal_scope == Scope.RECIPIENT

    @property
    def ends_enrollment(self) -> bool:
        """The enrollment was open and is not any more."""
        return self.verdict.state in ENDED and self.message.enrollment_state not in ENDED

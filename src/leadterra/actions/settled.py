"""A message whose ending is known, and what that means: what the parts of a settlement hand to each other."""

from dataclasses import dataclass
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.domain.enrollment import ENDED
from leadterra.domain.health import is_trouble
from leadterra.domain.outcomes import Scope
from leadterra.domain.settlement import MessageState, Verdict
from leadterra.mail.bounce_reasons import Cause
from leadterra.store.settlements import OpenMessage


@dataclass(frozen=True, slots=True)
class Settled:
    """message: as it was found, locked. attempt: how its claim ended. verdict: what becomes of it. cause: of
    a bounce, what the server's answer means for the address.
    """

    message: OpenMessage
    attempt: Attempt
    verdict: Verdict
    cause: Cause | None = None

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
    def bounce_type(self) -> str | None:
        """Of a bounce: `hard` if the address is dead, else `soft`."""
        return None if self.cause is None else "hard" if self.cause.dead else "soft"

    @property
    def account_id(self) -> UUID:
        """Which account made the attempt."""
        return self.message.sender_account_id

    @property
    def is_trouble(self) -> bool:
        """A server said, or its silence did, that the account or the server is in trouble."""
        return bool(self.attempt.server) and is_trouble(self.attempt.ending)

    @property
    def ends_enrollment(self) -> bool:
        """The enrollment was open and is not any more."""
        return self.verdict.state in ENDED and self.message.enrollment_state not in ENDED

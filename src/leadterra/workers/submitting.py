"""Where and as whom an account submits, for whichever worker has letters of it; and one letter on its own,
sent there.
"""

from collections.abc import Callable
from uuid import UUID

from leadterra.actions.ports import Attempt, Clear, Security, Submission
from leadterra.domain.outcomes import Answer, Command, Ending, Reason, Refused, Scope, Uncertain, Withheld
from leadterra.mail.letter import Letter
from leadterra.store.claims import AccountRow
from leadterra.workers.outside import Faults, Outside


async def deliver_letter(
    outside: Outside,
    faults: Faults,
    account: tuple[UUID, AccountRow],
    write: Callable[[], Letter],
    clear: Clear,
) -> Attempt:
    """One letter, from its words to what became of it. Never raises for what goes wrong with it.

    account: with its workspace. write: makes the letter. clear: asked right before DATA.
    """
    cleared = False

    async def ask() -> bool:
        nonlocal cleared
        cleared = await clear()
        return cleared

    submission = submission_of(outside, faults, *account)
    if isinstance(submission, Refused):
        return unbegun(outside, submission, server="-")
    try:
        return await outside.courier.deliver(submission, write(), ask)
    except Exception as error:
        faults.note(error)
        said = f"internal error: {error!r}"[:300]
        if cleared:
            return unbegun(outside, Uncertain(Answer(Command.BODY, None, None, said)))
        return unbegun(outside, Withheld(Reason.NOT_CLEARED, said))


def unbegun(outside: Outside, ending: Ending, *, server: str = "") -> Attempt:
    """An attempt of which no conversation is known."""
    now = outside.clock.now()
    return Attempt(ending, server, now, None, now)


def submission_of(
    outside: Outside, faults: Faults, workspace_id: UUID, account: AccountRow
) -> Submission | Refused:
    """Where to submit; if that cannot be told, it is as if the account's login had been refused: a person
    must act.
    """
    try:
        return _open_submission(outside, workspace_id, account)
    except Exception as error:
        faults.note(error)
        answer = Answer(Command.AUTH, None, None, f"the account cannot be used: {error}"[:300])
        return Refused(Scope.ACCOUNT, answer, authentication=True)


def _open_submission(outside: Outside, workspace_id: UUID, account: AccountRow) -> Submission:
    if account.smtp_host is None or account.smtp_port is None or account.smtp_security is None:
        raise ValueError("it has no SMTP server")
    tokens = outside.tokens
    if account.has_grant and tokens is None:
        raise ValueError("nobody here asks for access tokens")
    return Submission(
        account.id,
        account.smtp_host,
        account.smtp_port,
        Security(account.smtp_security),
        account.smtp_username or (account.email if account.has_grant else None),
        None if account.has_grant else outside.unseal(workspace_id, account),
        tokens.source(workspace_id, account.id) if account.has_grant and tokens else None,
    )

"""Where and as whom an account submits, for whichever worker has letters of it."""

from uuid import UUID

from leadterra.actions.ports import Security, Submission
from leadterra.domain.outcomes import Answer, Command, Refused, Scope
from leadterra.store.claims import AccountRow
from leadterra.workers.outside import Faults, Outside


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

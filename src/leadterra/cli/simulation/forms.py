"""The tables of a plan as the actions take them, which refuse with `Unacceptable`, as for any caller."""

from leadterra.actions.campaigns import CampaignSettings
from leadterra.actions.sender_accounts import NewAccount, Settings
from leadterra.actions.workspaces import PacingMode, WorkspaceChange
from leadterra.cli.simulation.plan import (
    AccountTable,
    CampaignTable,
    Plan,
    StepTable,
    WorkspaceTable,
)
from leadterra.cli.simulation.servers import HOST
from leadterra.domain.sender_account import Protocol, Security, Status
from leadterra.domain.sender_loss import LossAction
from leadterra.domain.sequence import StepDraft
from leadterra.domain.variant import VariantDraft, VariantMode


def workspace_change(table: WorkspaceTable) -> WorkspaceChange:
    """All settings of the workspace."""
    return WorkspaceChange(
        daily_quota=table.daily_quota,
        postal_address=table.postal_address,
        sending_domain_daily_limit=table.sending_domain_daily_limit,
        recipient_domain_daily_limit=table.recipient_domain_daily_limit,
        recipient_domain_hourly_limit=table.recipient_domain_hourly_limit,
        first_step_share=table.first_step_share,
        provider_matching=table.provider_matching,
        pacing_mode=table.pacing.mode and PacingMode(table.pacing.mode),
        min_gap_seconds=table.pacing.min_gap_seconds,
        jitter=table.pacing.jitter,
    )


def new_account(plan: Plan, table: AccountTable, address: str) -> NewAccount:
    """One of the accounts of a table."""
    server = table.server or plan.servers[0].name
    settings = Settings(
        daily_limit=table.daily_limit,
        rolling_limit=table.rolling_limit,
        weight=table.weight,
        tags=list(table.tags),
        provider=table.provider,
        pacing_mode=table.pacing.mode and PacingMode(table.pacing.mode),
        min_gap_seconds=table.pacing.min_gap_seconds,
        jitter=table.pacing.jitter,
    )
    return NewAccount(
        email=address,
        name=table.name or address.partition("@")[0],
        status=Status(table.status),
        servers={Protocol.SMTP: {"host": HOST.format(server), "security": Security.NONE}},
        settings=settings,
    )


def campaign_settings(table: CampaignTable) -> CampaignSettings:
    """All settings of a campaign."""
    return CampaignSettings(
        on_missing_variable=table.on_missing_variable,
        schedule=table.schedule,
        weight=table.weight,
        daily_limit=table.daily_limit,
        new_leads_daily_limit=table.new_leads_daily_limit,
        sender_tags=list(table.sender_tags),
        sender_loss=LossAction(table.sender_loss_policy.action),
        sender_loss_wait_days=table.sender_loss_policy.wait_days,
        variant_choice=VariantMode(table.variant_choice),
    )


def step_draft(table: StepTable) -> StepDraft:
    """A step of a campaign."""
    return StepDraft(
        subject=table.subject,
        body_html=table.body_html,
        body_text=table.body_text,
        delay_days=table.delay_days,
        thread_reply=table.thread_reply,
        delay_unit=table.delay_unit,
        weight=table.weight,
        variants=tuple(
            VariantDraft(
                body_html=each.body_html,
                subject=each.subject,
                body_text=each.body_text,
                weight=each.weight,
            )
            for each in table.variants
        ),
    )

-- name: insert_workspace!
insert into workspaces (workspace_id, name, mode, link_secret, created_at, updated_at)
values (:workspace_id, :name, :mode, :link_secret, :now, :now);

-- name: get_workspace
select workspace_id as id, name, mode, daily_quota, postal_address, pacing_mode, min_gap_seconds, jitter,
       sending_domain_daily_limit, recipient_domain_daily_limit, recipient_domain_hourly_limit, first_step_share, provider_matching,
       stop_on_reply, uncertain_policy, created_at, updated_at
from workspaces where workspace_id = :workspace_id;

-- name: get_link_secret
select link_secret from workspaces where workspace_id = :workspace_id;

-- name: update_workspace!
update workspaces
set name = :name, daily_quota = :daily_quota, postal_address = :postal_address,
    pacing_mode = :pacing_mode, min_gap_seconds = :min_gap_seconds, jitter = :jitter,
    sending_domain_daily_limit = :sending_domain_daily_limit,
    recipient_domain_daily_limit = :recipient_domain_daily_limit, recipient_domain_hourly_limit = :recipient_domain_hourly_limit,
    first_step_share = :first_step_share, provider_matching = :provider_matching, stop_on_reply = :stop_on_reply,
    uncertain_policy = :uncertain_policy, updated_at = :updated_at
where workspace_id = :workspace_id;

-- name: list_workspaces
-- cross-workspace: the scheduler's read, for commands that name a workspace; its role sees only these two columns.
select workspace_id as id, name from workspaces order by name, workspace_id;

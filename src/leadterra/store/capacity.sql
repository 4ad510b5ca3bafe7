-- name: get_pool_identity
select p.id, w.daily_quota
from sender_pools p
join workspaces w on w.workspace_id = p.workspace_id and w.workspace_id = :workspace_id
where p.workspace_id = :workspace_id;

-- name: list_account_uses
-- Every account with its units of the day; tombstones only if they used some.
select a.status = 'active' as is_active, a.removed_at is not null as is_removed, a.limit_in_force as daily_limit,
       coalesce(l.sent + l.uncertain + l.reserved, 0) as used
from sender_accounts a
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
where a.workspace_id = :workspace_id and (a.removed_at is null or l.sender_account_id is not null);

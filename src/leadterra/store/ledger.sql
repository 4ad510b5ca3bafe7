-- name: list_accounts_of_today
-- Who has a part in the day that is running: the active accounts, and whichever other took units of it. Limits are the present ones; a
-- tombstone's is that of its last claim.
select a.id, a.email, a.name, case when a.removed_at is null then a.status else 'removed' end as status,
       case when a.removed_at is null then a.limit_in_force else l.daily_limit end as daily_limit,
       coalesce(l.sent, 0) as sent, coalesce(l.uncertain, 0) as uncertain, coalesce(l.reserved, 0) as reserved
from sender_accounts a
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
where a.workspace_id = :workspace_id
  and (a.removed_at is null and a.status = 'active' or l.sent + l.uncertain + l.reserved > 0)
order by a.created_at, a.id;

-- name: list_accounts_of_past_day
-- Who claimed anything on a day that is over, with the limits of that day.
select a.id, a.email, a.name, case when a.removed_at is null then a.status else 'removed' end as status,
       l.daily_limit, l.sent, l.uncertain, l.reserved
from ledger l
join sender_accounts a on a.workspace_id = l.workspace_id and a.id = l.sender_account_id
where l.workspace_id = :workspace_id and a.workspace_id = :workspace_id and l.day = :day
order by a.created_at, a.id;

-- name: list_days
-- The days of a span on which anything was claimed, oldest first.
select day, sum(daily_limit) as capacity, sum(sent) as sent, sum(bounced) as bounced, sum(replied) as replied
from ledger
where workspace_id = :workspace_id and day between :first and :last
group by day
order by day;

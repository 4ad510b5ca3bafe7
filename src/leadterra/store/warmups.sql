-- name: list_due_warmups
-- cross-workspace: the scheduler's read, by a role that sees only these columns. Workspaces in which a warm-up, or a letter of one, is to be
-- looked at, longest due first.
select workspace_id from (
  (select workspace_id, due_at as at from warmups where due_at <= :now order by due_at limit :limit)
  union all
  (select workspace_id, look_at as at from warmup_letters where look_at <= :now order by look_at limit :limit)) due
group by workspace_id
order by min(at)
limit :limit;

-- name: list_due_accounts
-- Warm-ups that are to be looked at, longest due first, with what their accounts have used today.
select w.sender_account_id as id, a.status, a.email, a.removed_at is null as is_present, a.smtp_host is not null as can_send, a.daily_limit, a.ramp_limit,
       w.first_limit, w.step, w.days, w.looked_on, w.clean_days, w.frozen_by, w.graduated_at, w.next_letter_at, w.checked_on, w.check_failure,
       coalesce(l.sent + l.uncertain + l.reserved, 0) as used,
       coalesce(h.letters, 0) as letters, coalesce(h.refused, 0) as refused
from warmups w
join sender_accounts a on a.workspace_id = w.workspace_id and a.id = w.sender_account_id
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
left join lateral (
  select count(*)::integer as letters, count(*) filter (where n.state = 'refused')::integer as refused
  from warmup_letters n
  where n.workspace_id = :workspace_id and n.sender_account_id = w.sender_account_id and n.day = :day) h on true
where w.workspace_id = :workspace_id and a.workspace_id = :workspace_id and w.due_at <= :now and w.started_at is not null
order by w.due_at, w.sender_account_id
limit :limit;

-- name: find_warmup
-- One account's, begun or not, as lists of what is due have it.
select w.sender_account_id as id, a.status, a.email, a.removed_at is null as is_present, a.smtp_host is not null as can_send, a.daily_limit, a.ramp_limit,
       w.first_limit, w.step, w.days, w.looked_on, w.clean_days, w.frozen_by, w.graduated_at, w.next_letter_at, w.checked_on, w.check_failure,
       coalesce(l.sent + l.uncertain + l.reserved, 0) as used,
       coalesce(h.letters, 0) as letters, coalesce(h.refused, 0) as refused,
       w.started_at
from warmups w
join sender_accounts a on a.workspace_id = w.workspace_id and a.id = w.sender_account_id
left join ledger l
  on l.workspace_id = :workspace_id and l.workspace_id = a.workspace_id and l.day = :day and l.sender_account_id = a.id
left join lateral (
  select count(*)::integer as letters, count(*) filter (where n.state = 'refused')::integer as refused
  from warmup_letters n
  where n.workspace_id = :workspace_id and n.sender_account_id = w.sender_account_id and n.day = :day) h on true
where w.workspace_id = :workspace_id and a.workspace_id = :workspace_id and w.sender_account_id = :account_id;

-- name: list_ramps
-- Accounts in use whose limit goes on to rise, and by how much after each clean day, up to what a person has set.
select a.id, w.step, a.daily_limit as target
from sender_accounts a
join warmups w on w.workspace_id = a.workspace_id and w.sender_account_id = a.id
where a.workspace_id = :workspace_id and w.workspace_id = :workspace_id and a.status = 'active' and a.removed_at is null
  and a.ramp_limit is not null;

-- name: list_sent_days
-- What these accounts tried on the days since then.
select l.sender_account_id as id, l.day, l.daily_limit, l.sent, l.bounced, l.troubled,
       (select count(*)::integer from complaints c
        where c.workspace_id = :workspace_id and c.sender_account_id = l.sender_account_id
          and c.complained_at >= l.day::timestamp at time zone 'UTC' and c.complained_at < (l.day + 1)::timestamp at time zone 'UTC')
       as complained
from ledger l
where l.workspace_id = :workspace_id and l.sender_account_id = any(:account_ids::uuid[]) and l.day >= :since
order by l.day;

-- name: list_placed_days
-- Where their letters of the days since then arrived.
select sender_account_id as id, day, count(*)::integer as letters,
       count(*) filter (where placement = 'inbox')::integer as inbox,
       count(*) filter (where placement = 'spam')::integer as spam,
       count(*) filter (where placement = 'missing')::integer as missing
from warmup_letters
where workspace_id = :workspace_id and sender_account_id = any(:account_ids::uuid[]) and day >= :since and state in ('sent', 'bounced')
group by sender_account_id, day;

-- name: list_mailboxes
-- Who may be written to: mailboxes that take part in the pool and can be read.
select id, email, name from sender_accounts
where workspace_id = :workspace_id and removed_at is null and status in ('active', 'warming') and imap_host is not null
order by id;

-- name: save_rule!
-- The settings of an account's warm-up; it need not have begun.
insert into warmups (workspace_id, sender_account_id, first_limit, step, days)
values (:workspace_id, :account_id, :first_limit, :step, :days)
on conflict (workspace_id, sender_account_id) do update
set first_limit = excluded.first_limit, step = excluded.step, days = excluded.days;

-- name: begin_warmup!
-- From its first day on.
update warmups
set started_at = :now, looked_on = :day, clean_days = 0, frozen_by = null, graduated_at = null, next_letter_at = null, checked_on = null,
    check_failure = null, due_at = :now
where workspace_id = :workspace_id and sender_account_id = :account_id;

-- name: wake_warmup!
-- Its account has changed: look at it at once.
update warmups set due_at = :now
where workspace_id = :workspace_id and sender_account_id = :account_id and started_at is not null;

-- name: end_warmup!
-- It is over, and only its settings stay.
update warmups
set started_at = null, looked_on = null, clean_days = 0, frozen_by = null, graduated_at = null, next_letter_at = null, due_at = 'infinity'
where workspace_id = :workspace_id and sender_account_id = :account_id;

-- name: delete_warmup!
delete from warmups where workspace_id = :workspace_id and sender_account_id = :account_id;

-- name: set_ramp!
update sender_accounts set ramp_limit = :ramp_limit where workspace_id = :workspace_id and id = :account_id;

-- name: save_warmups!
-- What a look found. A day is looked at once: who comes later finds nothing to write.
update warmups w
set looked_on = d.looked_on, clean_days = d.clean_days, frozen_by = d.frozen_by, graduated_at = d.graduated_at,
    next_letter_at = d.next_letter_at, due_at = coalesce(d.due_at, 'infinity')
from unnest(:id::uuid[], :looked_on::date[], :clean_days::integer[], :frozen_by::text[], :graduated_at::timestamptz[],
            :next_letter_at::timestamptz[], :due_at::timestamptz[])
  as d (id, looked_on, clean_days, frozen_by, graduated_at, next_letter_at, due_at)
where w.workspace_id = :workspace_id and w.sender_account_id = d.id and w.looked_on <= d.looked_on;

-- name: save_ramps!
-- The limits of a new day, and who graduated: campaigns use it from now on.
update sender_accounts a
set ramp_limit = d.ramp_limit, status = case when d.graduates then 'active' else a.status end,
    status_reason = case when d.graduates then null else a.status_reason end,
    lost_at = case when d.graduates then null else a.lost_at end,
    updated_at = case when d.graduates then :now else a.updated_at end
from unnest(:id::uuid[], :ramp_limit::integer[], :graduates::boolean[]) as d (id, ramp_limit, graduates)
where a.workspace_id = :workspace_id and a.id = d.id and (not d.graduates or a.status = 'warming');

-- name: save_check!
-- Whether login and DNS of an account without partners passed.
update warmups set checked_on = :day, check_failure = :failure, due_at = :due_at
where workspace_id = :workspace_id and sender_account_id = :account_id and started_at is not null;

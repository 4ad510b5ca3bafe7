-- name: list_records
-- What came back of the latest messages of these accounts, locked, and what was complained of. Of each only so many messages are looked at,
-- whatever became of them, so that the cost is the same for any history. Who complains of several letters of a campaign counts once: nobody
-- alone may stop an account.
select a.id, a.email, a.status, a.status_reason, a.failures, a.rest_until, a.rest_reason, a.is_watched, coalesce(h.mailbox_failures, 0) as mailbox_failures,
       h.mailbox_rest_until, h.mailbox_trouble, h.mailbox_reason, h.judged_from, counted.endings, counted.bounces, told.complaints
from unnest(:account_ids::uuid[]) as k (id)
join sender_accounts a on a.id = k.id
left join account_health h on h.workspace_id = :workspace_id and h.sender_account_id = a.id
cross join lateral (
  select count(*)::integer as endings, (count(*) filter (where ended.state <> 'sent'))::integer as bounces
  from (
    select seen.state
    from (
      select m.state, m.refusal_scope, m.created_at, m.id from messages m
      where m.workspace_id = :workspace_id and m.sender_account_id = a.id and m.created_at > coalesce(h.judged_from, '-infinity')
      order by m.created_at desc, m.id desc
      limit :looked_at) seen
    where seen.state in ('sent', 'bounced') or (seen.state = 'refused' and seen.refusal_scope = 'recipient')
    order by seen.created_at desc, seen.id desc
    limit :window) ended) counted
cross join lateral (
  select count(distinct coalesce(c.enrollment_id, c.id))::integer as complaints from complaints c
  where c.workspace_id = :workspace_id and c.sender_account_id = a.id and c.complained_at > coalesce(h.judged_from, '-infinity')
    and c.complained_at >= coalesce((
      select m.created_at from messages m
      where m.workspace_id = :workspace_id and m.sender_account_id = a.id
      order by m.created_at desc, m.id desc
      offset :complaint_window - 1 limit 1), '-infinity')) told
where a.workspace_id = :workspace_id and a.removed_at is null
order by a.id;

-- name: lock_accounts!
-- Before they are judged; in their order, as settlements lock them.
select a.id from sender_accounts a where a.workspace_id = :workspace_id and a.id = any(:account_ids::uuid[]) order by a.id for update;

-- name: watch_accounts!
update sender_accounts a set is_watched = d.is_watched
from unnest(:account_ids::uuid[], :are_watched::boolean[]) as d (account_id, is_watched)
where a.workspace_id = :workspace_id and a.id = d.account_id;

-- name: pause_accounts!
update sender_accounts a set status = 'paused', status_reason = d.reason, lost_at = coalesce(a.lost_at, :now), updated_at = :now
from unnest(:account_ids::uuid[], :reasons::text[]) as d (account_id, reason)
where a.workspace_id = :workspace_id and a.id = d.account_id;

-- name: save_paused_from!
-- What these accounts were before they were paused, to be that again when their login works.
insert into account_health (workspace_id, sender_account_id, paused_from)
select :workspace_id, d.account_id, d.status from unnest(:account_ids::uuid[], :statuses::text[]) as d (account_id, status)
on conflict (workspace_id, sender_account_id) do update set paused_from = excluded.paused_from;

-- name: restore_account
-- What a refused login had paused, and nobody has touched since, is what it was before.
update sender_accounts a
set status = :status, status_reason = null, updated_at = :now, lost_at = case when :status = 'active' then null else a.lost_at end
where a.workspace_id = :workspace_id and a.id = :account_id and a.status = 'paused' and a.status_reason = :reason and a.removed_at is null
returning a.email;

-- name: find_paused_from
select paused_from from account_health where workspace_id = :workspace_id and sender_account_id = :account_id;

-- name: judge_from!
-- Only messages that are begun after this instant are judged.
insert into account_health (workspace_id, sender_account_id, judged_from)
values (:workspace_id, :account_id, :judged_from)
on conflict (workspace_id, sender_account_id) do update set judged_from = excluded.judged_from;

-- name: find_mailbox
select mailbox_failures as failures, mailbox_rest_until as rest_until, mailbox_trouble as trouble, mailbox_reason as reason
from account_health where workspace_id = :workspace_id and sender_account_id = :account_id;

-- name: save_mailbox!
insert into account_health (workspace_id, sender_account_id, mailbox_failures, mailbox_rest_until, mailbox_trouble, mailbox_reason)
values (:workspace_id, :account_id, :failures, :rest_until, :trouble, :reason)
on conflict (workspace_id, sender_account_id) do update
set mailbox_failures = excluded.mailbox_failures, mailbox_rest_until = excluded.mailbox_rest_until,
    mailbox_trouble = excluded.mailbox_trouble, mailbox_reason = excluded.mailbox_reason;

-- name: insert_complaint
-- A report that is read again is the same complaint.
insert into complaints (workspace_id, id, sender_account_id, enrollment_id, step_id, complained_at)
values (:workspace_id, :id, :account_id, :enrollment_id, :step_id, :now)
on conflict (workspace_id, id) do nothing
returning id;

-- name: find_message_id
select id from messages where workspace_id = :workspace_id and enrollment_id = :enrollment_id and step_id = :step_id;

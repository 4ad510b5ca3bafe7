-- name: list_due
-- Uncertain messages of these accounts that are to be looked for now, oldest first.
select m.enrollment_id, m.step_id, m.id, m.sender_account_id, m.fence, m.created_at, coalesce(m.data_at, m.claimed_at) as data_at, m.settled_at,
       m.state_reason,
       (select count(*)::integer from attempts t
        where t.workspace_id = :workspace_id and t.enrollment_id = m.enrollment_id and t.step_id = m.step_id
          and t.outcome = 'uncertain') as times
from messages m
where m.workspace_id = :workspace_id and m.notable_state = 'uncertain' and m.sender_account_id = any(:account_ids)
  and (m.look_at <= :now or m.look_at is null and m.settled_at <= :since)
order by m.created_at, m.id
limit :limit;

-- name: list_sent_before
-- Of the account's messages before it those that its server took.
select b.enrollment_id, b.step_id
from (select m.enrollment_id, m.step_id, m.state, m.data_at, m.created_at, m.id from messages m
      where m.workspace_id = :workspace_id and m.sender_account_id = :sender_account_id and m.created_at <= :created_at
      order by m.created_at desc, m.id desc
      limit :rows) b
where b.state in ('sent', 'bounced') and b.data_at < :data_at
order by b.created_at desc, b.id desc
limit :limit;

-- name: list_sent_after
-- Of the account's messages behind it those that its server took, so long ago that their copies must be there.
select b.enrollment_id, b.step_id
from (select m.enrollment_id, m.step_id, m.state, m.data_at, m.created_at, m.id from messages m
      where m.workspace_id = :workspace_id and m.sender_account_id = :sender_account_id
        and m.created_at > :settled_at and m.created_at <= :until
      order by m.created_at, m.id
      limit :rows) b
where b.state in ('sent', 'bounced') and b.data_at <= :until
order by b.created_at, b.id
limit :limit;

-- name: save_looks!
-- When to look for these again, if they are still uncertain by the same claim.
update messages m set look_at = coalesce(d.look_at, 'infinity')
from unnest(:enrollment_ids::uuid[], :step_ids::uuid[], :fences::bigint[], :look_at::timestamptz[]) as d (enrollment_id, step_id, fence, look_at)
where m.workspace_id = :workspace_id and m.enrollment_id = d.enrollment_id and m.step_id = d.step_id and m.fence = d.fence
  and m.state = 'uncertain';

-- name: explain_absence!
-- Why it stays uncertain. An enrollment that waits for it says the same.
with explained as (
  update messages m set state_reason = :reason
  where m.workspace_id = :workspace_id and m.enrollment_id = :enrollment_id and m.step_id = :step_id and m.fence = :fence
    and m.state = 'uncertain' and m.state_reason is distinct from :reason::text
  returning m.enrollment_id)
update enrollments e set state_reason = :reason, updated_at = :now
from explained x
where e.workspace_id = :workspace_id and e.id = x.enrollment_id and e.state = 'uncertain';

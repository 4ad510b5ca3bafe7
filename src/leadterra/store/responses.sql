-- name: list_due_responses
-- cross-workspace: the scheduler's read, by a role that sees only these columns. Longest due first.
select workspace_id from responses where due_at <= :now group by workspace_id order by min(due_at) limit :limit;

-- name: insert_response!
insert into responses (
  workspace_id, id, reply_id, enrollment_id, lead_id, sender_account_id, state, recipient, recipient_name, address_hashes, subject, body_html,
  body_text, message_id, reference_ids, due_at, created_at)
values (
  :workspace_id, :id, :reply_id, :enrollment_id, :lead_id, :sender_account_id, 'queued', :recipient, :recipient_name, :address_hashes, :subject,
  :body_html, :body_text, :message_id, :reference_ids, :now, :now);

-- name: find_response
select id, reply_id, sender_account_id, state, state_reason, held_by, recipient, subject, body_text, message_id, reference_ids, due_at, attempts,
       created_at, settled_at, data_at
from responses where workspace_id = :workspace_id and id = :id;

-- name: list_responses
-- To this reply, or to any of this enrollment, oldest first.
select id, reply_id, sender_account_id, state, state_reason, held_by, recipient, subject, body_text, message_id, reference_ids, due_at, attempts,
       created_at, settled_at, data_at
from responses
where workspace_id = :workspace_id and (reply_id = :reply_id or enrollment_id = :enrollment_id)
order by created_at, id
limit :limit;

-- name: find_sender
-- The account that a reply came to, as far as its answers depend on it.
select email, removed_at is null as is_present, smtp_host is not null as can_send,
       status = 'paused' and coalesce(status_reason, '') = :login_refused as is_shut_out
from sender_accounts where workspace_id = :workspace_id and id = :account_id;

-- name: find_lead_key
-- The address of a lead, normalised.
select email_key from leads where workspace_id = :workspace_id and id = :lead_id;

-- name: list_answered_enrollments
-- Enrollments whose leads these answers went to.
select enrollment_id from responses
where workspace_id = :workspace_id and id = any(:ids::uuid[]) and enrollment_id is not null;

-- name: list_waiting
-- What waits and is due, longest first, locked, with what forbids it for good.
select q.id, q.sender_account_id, q.created_at,
       a.removed_at is null and a.smtp_host is not null as is_usable,
       a.status = 'paused' and coalesce(a.status_reason, '') = :login_refused as is_shut_out,
       exists (select from suppressions s where s.workspace_id = :workspace_id and s.hash = any(q.address_hashes)) as is_suppressed
from responses q
join sender_accounts a on a.workspace_id = q.workspace_id and a.id = q.sender_account_id
where q.workspace_id = :workspace_id and a.workspace_id = :workspace_id and q.state = 'queued' and q.due_at <= :now
order by q.created_at, q.id
limit :limit
for update of q;

-- name: postpone_responses!
-- Look at them again then.
update responses q set due_at = d.due_at, held_by = d.held_by
from unnest(:id::uuid[], :due_at::timestamptz[], :held_by::text[]) as d (id, due_at, held_by)
where q.workspace_id = :workspace_id and q.id = d.id and q.state = 'queued';

-- name: cancel_responses!
-- They will not go.
update responses q set state = 'cancelled', state_reason = d.reason, due_at = null, held_by = null, day = null, settled_at = :now
from unnest(:id::uuid[], :reason::text[]) as d (id, reason)
where q.workspace_id = :workspace_id and q.id = d.id and q.state = 'queued';

-- name: take_fence
-- The number of a new claim. The pool is locked.
update sender_pools set claim_number = claim_number + 1 where workspace_id = :workspace_id returning claim_number;

-- name: claim_responses
-- Held until their lease runs out.
update responses
set state = 'sending', fence = :fence, day = :day, lease_until = :lease_until, due_at = :lease_until, claimed_at = :now, data_at = null, held_by = null
where workspace_id = :workspace_id and id = any(:ids::uuid[]) and state = 'queued'
returning id, sender_account_id, recipient, recipient_name, subject, body_html, body_text, message_id, reference_ids;

-- name: renew_responses!
-- The worker is alive: its leases run on.
update responses set lease_until = :until, due_at = :until
where workspace_id = :workspace_id and id = any(:ids::uuid[]) and fence = :fence and state = 'sending' and lease_until > :now;

-- name: list_lost_responses
-- Whose lease has run out. Locked: a clearance that is under way is waited for, and counts.
select id, fence, data_at from responses
where workspace_id = :workspace_id and state = 'sending' and lease_until <= :now
order by id
for update;

-- name: clear_response!
-- Right before DATA (R7): it may go if nothing has changed that forbids it, and is marked.
update responses q
set data_at = :now
where q.workspace_id = :workspace_id and q.id = :id and q.fence = :fence and q.state = 'sending' and q.data_at is null and q.day = :day
  and q.lease_until > :now and q.recipient <> ''
  and exists (
    select from sender_pools p where p.workspace_id = :workspace_id and q.fence > p.refused_through)
  and exists (
    select from sender_accounts a
    join ledger l on l.workspace_id = a.workspace_id and l.sender_account_id = a.id and l.day = :day
    where a.workspace_id = :workspace_id and l.workspace_id = :workspace_id and a.id = q.sender_account_id and a.removed_at is null
      and (a.status <> 'paused' or coalesce(a.status_reason, '') <> :login_refused)
      and l.sent + l.uncertain + l.reserved <= a.limit_in_force)
  and not exists (select from suppressions s where s.workspace_id = :workspace_id and s.hash = any(q.address_hashes))
  and (select w.daily_quota is null
              or w.daily_quota >= (select sum(u.sent + u.uncertain + u.reserved) from ledger u
                                   where u.workspace_id = :workspace_id and u.day = :day)
       from workspaces w where w.workspace_id = :workspace_id);

-- name: lock_responses
-- To settle. One whose claim was lost and settled is still this worker's only if it is uncertain: nobody knows better.
select id, fence, sender_account_id, state, day, claimed_at, data_at, attempts, deferrals, waits, created_at,
       recipient = '' as is_forgotten
from responses
where workspace_id = :workspace_id and id = any(:ids::uuid[]) and state in ('sending', 'uncertain')
order by id
for update;

-- name: settle_responses!
-- What they became. What was not sent has no unit any more; one that was refused for its recipient's sake counts on its day.
update responses q
set state = d.state, state_reason = d.reason, refusal_scope = d.refusal_scope, due_at = d.due_at, attempts = d.attempts, deferrals = d.deferrals,
    waits = d.waits, settled_at = case when d.due_at is null then :now end,
    day = case when d.keeps_day then q.day end, data_at = case when d.keeps_day then q.data_at end
from unnest(:id::uuid[], :state::text[], :reason::text[], :refusal_scope::text[], :due_at::timestamptz[], :attempts::integer[],
            :deferrals::integer[], :waits::integer[], :keeps_day::boolean[])
  as d (id, state, reason, refusal_scope, due_at, attempts, deferrals, waits, keeps_day)
where q.workspace_id = :workspace_id and q.id = d.id;

-- name: bounce_response
-- One that was sent came back.
update responses set state = 'bounced', state_reason = :reason
where workspace_id = :workspace_id and id = :id and state = 'sent'
returning sender_account_id, day;

-- name: forget_responses_of_lead!
-- The person was erased: what waits is not sent any more, and nothing is kept but that it was.
update responses
set recipient = '', recipient_name = '', subject = '', body_html = '', body_text = '', reference_ids = '{}', state_reason = null, held_by = null,
    state = case when state = 'queued' then 'cancelled' else state end, due_at = case when state = 'queued' then null else due_at end,
    settled_at = case when state = 'queued' then :now else settled_at end
where workspace_id = :workspace_id and lead_id = :lead_id;

-- name: list_unit_differences
-- Accounts and days of which the ledger says something else than the messages, the warm-up letters and the answers. A message counts once, for the account and day of its
-- last claim: whoever claims it anew does so after its unit was given back.
with kept as (
  select day, sender_account_id, sent, uncertain, reserved, bounced
  from ledger
  where workspace_id = :workspace_id and (:day::date is null or day = :day)),
counted as (
  select day, sender_account_id,
         count(*) filter (where state in ('sent', 'bounced')) as sent,
         count(*) filter (where state = 'uncertain') as uncertain,
         count(*) filter (where state = 'sending') as reserved,
         count(*) filter (where state = 'bounced' or state = 'refused' and refusal_scope = 'recipient') as bounced
  from (
    select day, sender_account_id, state, refusal_scope
    from messages
    where workspace_id = :workspace_id and (:day::date is null or day = :day)
    union all
    select day, sender_account_id, state, case when state = 'refused' then 'recipient' end
    from warmup_letters
    where workspace_id = :workspace_id and (:day::date is null or day = :day)
    union all
    select day, sender_account_id, state, refusal_scope
    from responses
    where workspace_id = :workspace_id and day is not null and (:day::date is null or day = :day)) letters
  group by day, sender_account_id),
compared as (
  select coalesce(k.day, n.day) as day, coalesce(k.sender_account_id, n.sender_account_id) as id,
         array[coalesce(k.sent, 0), coalesce(k.uncertain, 0), coalesce(k.reserved, 0), coalesce(k.bounced, 0)]::bigint[] as kept,
         array[coalesce(n.sent, 0), coalesce(n.uncertain, 0), coalesce(n.reserved, 0), coalesce(n.bounced, 0)]::bigint[] as counted
  from kept k
  full join counted n on n.day = k.day and n.sender_account_id = k.sender_account_id)
select day, id, kept, counted from compared
where kept <> counted
order by day, id;

-- name: list_total_differences
-- Campaigns whose totals say something else than their enrollments and messages. Replies and unsubscriptions are not among them: a
-- lead may say so after its enrollment has ended, and how it ended is kept.
with kept as (
  select campaign_id, enrolled, open, sent, bounced, failed, uncertain
  from campaign_totals
  where workspace_id = :workspace_id),
leads_in as (
  select campaign_id,
         count(*) filter (where state <> 'removed') as enrolled,
         count(*) filter (where state = any(:open)) as open
  from enrollments
  where workspace_id = :workspace_id
  group by campaign_id),
letters as (
  select campaign_id,
         count(*) filter (where state in ('sent', 'bounced') or state = 'refused' and refusal_scope = 'recipient') as sent,
         count(*) filter (where state = 'bounced' or state = 'refused' and refusal_scope = 'recipient') as bounced,
         count(*) filter (where state = 'refused' and refusal_scope <> 'recipient') as failed,
         count(*) filter (where state = 'uncertain') as uncertain
  from messages
  where workspace_id = :workspace_id
  group by campaign_id),
counted as (
  select coalesce(e.campaign_id, m.campaign_id) as campaign_id,
         array[coalesce(e.enrolled, 0), coalesce(e.open, 0), coalesce(m.sent, 0), coalesce(m.bounced, 0), coalesce(m.failed, 0),
               coalesce(m.uncertain, 0)]::bigint[] as numbers
  from leads_in e
  full join letters m on m.campaign_id = e.campaign_id),
compared as (
  select coalesce(k.campaign_id, n.campaign_id) as id,
         array[coalesce(k.enrolled, 0), coalesce(k.open, 0), coalesce(k.sent, 0), coalesce(k.bounced, 0), coalesce(k.failed, 0),
               coalesce(k.uncertain, 0)]::bigint[] as kept,
         coalesce(n.numbers, array[0, 0, 0, 0, 0, 0]::bigint[]) as counted
  from kept k
  full join counted n on n.campaign_id = k.campaign_id)
select null::date as day, id, kept, counted from compared
where kept <> counted
order by id;

-- name: list_attempt_differences
-- Messages that say something else than their attempts: more attempts than they know of; accepted more than once, or without being
-- sent; sent or uncertain without an attempt that was. What a person or a late worker said of an uncertain message is no attempt.
with told as (
  select enrollment_id, step_id, count(*) as attempts,
         count(*) filter (where outcome = 'accepted') as accepted,
         count(*) filter (where outcome = 'uncertain') as uncertain
  from attempts
  where workspace_id = :workspace_id
  group by enrollment_id, step_id),
compared as (
  select m.id, m.day, m.state in ('sent', 'bounced') as is_sent, m.state = 'uncertain' as is_uncertain, m.attempts as known,
         coalesce(t.attempts, 0) as attempts, coalesce(t.accepted, 0) as accepted, coalesce(t.uncertain, 0) as uncertain
  from messages m
  left join told t on t.enrollment_id = m.enrollment_id and t.step_id = m.step_id
  where m.workspace_id = :workspace_id and (:day::date is null or m.day = :day))
select day, id, array[known, is_sent::integer, is_uncertain::integer]::bigint[] as kept,
       array[attempts, accepted, uncertain]::bigint[] as counted
from compared
where attempts > known or accepted > is_sent::integer or is_sent and accepted + uncertain = 0 or is_uncertain and uncertain = 0
order by id;

-- name: list_cap_differences
-- Caps of which something else is kept than the messages say, by bucket: minutes, hours and days that begin in that stretch of time. What
-- was sent counts in its account's last 24 hours by the minute of its DATA, what is in flight by that of its claim. Of a cap that is not
-- set nothing may be kept.
with letters as (
  select m.sender_account_id, m.campaign_id, m.recipient_domain, m.step_position,
         encode(substring(sha256(convert_to(a.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid as sending_domain,
         case when m.state = 'sending' or m.data_at is null then m.claimed_at else m.data_at end as counts_at, m.claimed_at,
         m.day::timestamp at time zone 'UTC' as midnight, a.rolling_limit, c.daily_limit, c.new_leads_daily_limit,
         w.sending_domain_daily_limit, w.recipient_domain_daily_limit, w.recipient_domain_hourly_limit
  from messages m
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = m.workspace_id and a.id = m.sender_account_id
  join campaigns c on c.workspace_id = :workspace_id and c.workspace_id = m.workspace_id and c.id = m.campaign_id
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = m.workspace_id
  where m.workspace_id = :workspace_id and m.claimed_at >= :since and m.state in ('sending', 'sent', 'uncertain', 'bounced')
  union all
  select h.sender_account_id, null, null, null, encode(substring(sha256(convert_to(a.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid,
         case when h.state = 'sending' or h.data_at is null then h.claimed_at else h.data_at end, h.claimed_at,
         h.day::timestamp at time zone 'UTC', a.rolling_limit, null, null, w.sending_domain_daily_limit, null, null
  from warmup_letters h
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = h.workspace_id and a.id = h.sender_account_id
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = h.workspace_id
  where h.workspace_id = :workspace_id and h.claimed_at >= :since and h.state in ('sending', 'sent', 'uncertain', 'bounced')
  union all
  select q.sender_account_id, null, null, null, encode(substring(sha256(convert_to(a.email_domain, 'UTF8')) from 1 for 16), 'hex')::uuid,
         case when q.state = 'sending' or q.data_at is null then q.claimed_at else q.data_at end, q.claimed_at,
         q.day::timestamp at time zone 'UTC', a.rolling_limit, null, null, w.sending_domain_daily_limit, null, null
  from responses q
  join sender_accounts a on a.workspace_id = :workspace_id and a.workspace_id = q.workspace_id and a.id = q.sender_account_id
  join workspaces w on w.workspace_id = :workspace_id and w.workspace_id = q.workspace_id
  where q.workspace_id = :workspace_id and q.claimed_at >= :since and q.state in ('sending', 'sent', 'uncertain', 'bounced')),
counted as (
  select u.scope, u.key, u.bucket, count(*)::integer as taken
  from letters l
  cross join lateral (values
    ('account_24h', l.sender_account_id, date_trunc('minute', l.counts_at, 'UTC'), l.rolling_limit),
    ('sending_domain', l.sending_domain, l.midnight, l.sending_domain_daily_limit),
    ('recipient_domain', l.recipient_domain, l.midnight, l.recipient_domain_daily_limit),
    ('recipient_domain_hour', l.recipient_domain, date_trunc('hour', l.claimed_at, 'UTC'), l.recipient_domain_hourly_limit),
    ('campaign', l.campaign_id, l.midnight, l.daily_limit),
    ('campaign_new', case when l.step_position = 0 then l.campaign_id end, l.midnight, l.new_leads_daily_limit))
    as u (scope, key, bucket, is_set)
  where u.is_set is not null and u.key is not null and u.bucket >= :since and u.bucket < :until
  group by u.scope, u.key, u.bucket),
kept as (
  select scope, key, bucket, taken from cap_units
  where workspace_id = :workspace_id and bucket >= :since and bucket < :until)
select coalesce(k.scope, n.scope) as scope, coalesce(k.key, n.key) as key, coalesce(k.bucket, n.bucket) as bucket,
       coalesce(k.taken, 0) as kept, coalesce(n.taken, 0) as counted
from kept k
full join counted n on n.scope = k.scope and n.key = k.key and n.bucket = k.bucket
where coalesce(k.taken, 0) <> coalesce(n.taken, 0)
order by 3, 1, 2;

-- name: list_variant_differences
-- Variants whose totals say something else than the messages that have them now: one that was given other words since counts there. A
-- step that was deleted took its totals with it. Not compared are replies, and how many were given by weight since the weights changed.
with kept as (
  select step_id, variant_id, assigned, sent, bounced
  from variant_totals
  where workspace_id = :workspace_id),
counted as (
  select m.step_id, m.variant_id, count(*) as assigned,
         count(*) filter (where m.state in ('sent', 'bounced') or m.state = 'refused' and m.refusal_scope = 'recipient') as sent,
         count(*) filter (where m.state = 'bounced' or m.state = 'refused' and m.refusal_scope = 'recipient') as bounced
  from messages m
  join sequence_steps s on s.workspace_id = :workspace_id and s.workspace_id = m.workspace_id and s.id = m.step_id
  where m.workspace_id = :workspace_id and m.variant_id is not null
  group by m.step_id, m.variant_id),
compared as (
  select coalesce(k.step_id, n.step_id) as step_id, coalesce(k.variant_id, n.variant_id) as variant_id,
         array[coalesce(k.assigned, 0), coalesce(k.sent, 0), coalesce(k.bounced, 0)]::bigint[] as kept,
         array[coalesce(n.assigned, 0), coalesce(n.sent, 0), coalesce(n.bounced, 0)]::bigint[] as counted
  from kept k
  full join counted n on n.step_id = k.step_id and n.variant_id = k.variant_id)
select step_id, variant_id, kept, counted from compared
where kept <> counted
order by step_id, variant_id;

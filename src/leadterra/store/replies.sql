-- name: insert_reply
-- Once: a letter that is known changes nothing. The answer is its id if it is new.
insert into replies (
  workspace_id, id, digest, sender_account_id, enrollment_id, campaign_id, lead_id, about_message_id, kind, classification, classified_by,
  email, name, subject, message_id, reference_ids, new_text, quoted_text, headers, recipients, evidence, matched_by, return_on, referral,
  received_at, created_at, ask_at)
values (
  :workspace_id, :id, :digest, :sender_account_id, :enrollment_id, :campaign_id, :lead_id, :about_message_id, :kind::text, :classification::text,
  :classified_by, :email, :name, :subject, :message_id, :reference_ids, :new_text, :quoted_text, :headers::jsonb, :recipients::jsonb, :evidence,
  :matched_by, :return_on, :referral, :received_at, :created_at::timestamptz,
  case when :kind::text = 'reply' and :classification::text = 'other' then :created_at::timestamptz end)
on conflict (workspace_id, digest) do nothing
returning id;

-- name: find_known_digests
select digest from replies where workspace_id = :workspace_id and digest = any(:digests);

-- name: list_replies
-- Newest first. What a report says of its first recipient tells more than how it begins.
select id, kind, classification, email, campaign_id, lead_id, coalesce(nullif(recipients -> 0 ->> 'text', ''), new_text) as new_text, subject,
       received_at
from replies
where workspace_id = :workspace_id
  and (:campaign_id::uuid is null or campaign_id = :campaign_id)
  and (:classification::text is null or classification = :classification)
  and (:before_id::uuid is null or (received_at, id) < (:before_at::timestamptz, :before_id::uuid))
order by received_at desc, id desc
limit :limit;

-- name: find_reply
select id, sender_account_id, enrollment_id, campaign_id, lead_id, about_message_id, kind, classification, classified_by, email, name, subject,
       message_id, reference_ids, new_text, quoted_text, headers, recipients, evidence, matched_by, return_on, referral, received_at, created_at
from replies where workspace_id = :workspace_id and id = :id;

-- name: save_classification!
update replies set classification = :classification, classified_by = :classified_by, ask_at = null
where workspace_id = :workspace_id and id = :id;

-- name: list_unclear_replies
-- cross-workspace: the scheduler's read, by a role that sees only these columns. Longest due first.
select workspace_id from replies where ask_at <= :now group by workspace_id order by min(ask_at) limit :limit;

-- name: take_unclear_replies
-- Replies of people that the rules made nothing of. Until then nobody else asks about them; never again after the last time, or if they are old.
update replies r
set asked = r.asked + 1, ask_at = case when r.asked + 1 < :tries and r.received_at >= :since then :again_at::timestamptz end
from (
  select t.id from replies t
  where t.workspace_id = :workspace_id and t.ask_at <= :now
  order by t.ask_at, t.id limit :limit for update skip locked) taken
where r.workspace_id = :workspace_id and r.id = taken.id
returning r.id, r.new_text, r.received_at;

-- name: save_model_classification
-- What a model says counts only where neither rules nor a person have said anything.
update replies
set classification = :classification, classified_by = 'model', ask_at = null
where workspace_id = :workspace_id and id = :id and kind = 'reply' and classification = 'other' and classified_by = 'rules'
returning id;

-- name: count_replies_of_enrollment
-- How many answers of people there are from a lead in a campaign.
select count(*) from replies where workspace_id = :workspace_id and enrollment_id = :enrollment_id and kind = 'reply';

-- name: list_replies_of_enrollment
-- What came back from a lead in a campaign, oldest first.
select id, kind, classification, email, campaign_id, lead_id, coalesce(nullif(recipients -> 0 ->> 'text', ''), new_text) as new_text, subject,
       received_at
from replies where workspace_id = :workspace_id and enrollment_id = :enrollment_id
order by received_at, id;

-- name: forget_replies_of_lead!
-- The person was erased. That the letter came is kept, so that it is known if it is read again.
update replies
set email = '', name = '', subject = '', message_id = '', reference_ids = '{}', new_text = '', quoted_text = '', headers = '{}',
    recipients = '[]', evidence = '{}', referral = null, ask_at = null
where workspace_id = :workspace_id and lead_id = :lead_id;

-- name: list_sent_messages
-- Every message of these enrollments that may have reached its server, latest first.
select m.enrollment_id, m.step_id, m.id, m.campaign_id, m.lead_id, m.sender_account_id, m.state, m.fence, m.day, m.subject, m.variant_id,
       m.claimed_at, l.email, l.email_key
from messages m
left join leads l on l.workspace_id = :workspace_id and l.workspace_id = m.workspace_id and l.id = m.lead_id
where m.workspace_id = :workspace_id and m.enrollment_id = any(:enrollment_ids)
order by m.created_at desc, m.id desc
limit :limit;

-- name: list_messages_to_address
-- The latest messages to the lead with this address.
select m.enrollment_id, m.step_id, m.id, m.campaign_id, m.lead_id, m.sender_account_id, m.state, m.fence, m.day, m.subject, m.variant_id,
       m.claimed_at, l.email, l.email_key
from leads l
join enrollments e on e.workspace_id = l.workspace_id and e.lead_id = l.id
join messages m on m.workspace_id = e.workspace_id and m.enrollment_id = e.id
where l.workspace_id = :workspace_id and e.workspace_id = :workspace_id and m.workspace_id = :workspace_id
  and l.email_key = any(:email_keys) and (m.state <> 'sending' or m.data_at is not null)
order by m.created_at desc, m.id desc
limit :limit;

-- name: list_messages_to_domain
-- The latest messages of an account to leads of a domain: of so many of its leads at most.
select m.enrollment_id, m.step_id, m.id, m.campaign_id, m.lead_id, m.sender_account_id, m.state, m.fence, m.day, m.subject, m.variant_id,
       m.claimed_at, l.email, l.email_key
from (select n.id, n.email, n.email_key from leads n
      where n.workspace_id = :workspace_id and n.email_domain = :domain
      order by n.id desc
      limit :leads) l
cross join lateral (
  select n.id from enrollments n where n.workspace_id = :workspace_id and n.lead_id = l.id) e
join messages m on m.workspace_id = :workspace_id and m.enrollment_id = e.id
where m.sender_account_id = :sender_account_id and (m.state <> 'sending' or m.data_at is not null)
order by m.created_at desc, m.id desc
limit :limit;

-- name: list_answered_enrollments
-- Enrollments from which letters with these Message-IDs came.
select enrollment_id from replies
where workspace_id = :workspace_id and message_id = any(:message_ids) and message_id <> '' and enrollment_id is not null
order by received_at desc
limit 10;

-- name: find_message_domain
select message_domain from sender_pools where workspace_id = :workspace_id;

-- name: lock_enrollment
-- With what the consequences of a letter depend on.
select e.id, e.campaign_id, e.lead_id, e.state, e.away_until, e.due_at, c.schedule::text as schedule, l.email, l.email_key, w.stop_on_reply
from enrollments e
join campaigns c on c.workspace_id = e.workspace_id and c.id = e.campaign_id
join workspaces w on w.workspace_id = e.workspace_id
left join leads l on l.workspace_id = :workspace_id and l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = :workspace_id and c.workspace_id = :workspace_id and w.workspace_id = :workspace_id and e.id = :enrollment_id
for update of e;

-- name: end_enrollment!
update enrollments set state = :state, state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and id = :enrollment_id;

-- name: mark_unsubscribed
update enrollments set unsubscribed_at = :now
where workspace_id = :workspace_id and id = :enrollment_id and unsubscribed_at is null and state <> 'removed'
returning id;

-- name: put_off_lead
-- An out-of-office: whatever is due for the lead, is due then at the earliest.
update enrollments
set away_until = greatest(away_until, :until), due_at = greatest(due_at, :until), updated_at = :now
where workspace_id = :workspace_id and lead_id = :lead_id and state in ('waiting', 'sending', 'uncertain', 'held', 'paused')
  and (away_until is null or away_until < :until)
returning id;

-- name: pause_lead
-- Until a person says more.
update enrollments set state = 'paused', state_reason = :reason, updated_at = :now
where workspace_id = :workspace_id and lead_id = :lead_id and state in ('waiting', 'sending', 'uncertain', 'held')
returning id;

-- name: bounce_message
-- A message that was taken by its server has come back.
update messages set state = 'bounced', state_reason = :reason, bounce_type = :bounce_type, settled_at = :now
where workspace_id = :workspace_id and enrollment_id = :enrollment_id and step_id = :step_id and state = 'sent'
returning day, sender_account_id, variant_id, step_position;

-- name: count_soft_bounce_days
-- On how many days messages to a lead came back softly.
select count(distinct m.day)
from enrollments e
join messages m on m.workspace_id = e.workspace_id and m.enrollment_id = e.id
where e.workspace_id = :workspace_id and m.workspace_id = :workspace_id and e.lead_id = :lead_id and m.bounce_type = 'soft';

-- name: add_to_ledger!
update ledger set bounced = bounced + :bounced, replied = replied + :replied
where workspace_id = :workspace_id and day = :day and sender_account_id = :sender_account_id;

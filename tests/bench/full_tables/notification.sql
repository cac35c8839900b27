-- A million messages, one in fifty unread.
insert into message (tenant_id, id, org_id, person_id, kind, event_id, about, link, gaps, created_at, read_at, mail)
select p.tenant_id, gen_random_uuid(), p.org_id, p.person_id, 'action-assigned', gen_random_uuid(), 'somewhere',
  '/plans', '{"due_on": "3 March 2026", "organisation": "A trust (fictional)"}', now() - n * interval '1 minute',
  case when n % 50 > 0 then now() end, 'none'
from generate_series(1, 1000000) n
join (select *, row_number() over () - 1 as place, count(*) over () as everybody from holders) p
  on p.place = n % p.everybody

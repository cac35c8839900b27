-- A million lines of everybody who holds a role.
insert into audit_entry (id, at, tenant_id, org_id, person_id, action, object_type, object_id, outcome, private)
select gen_random_uuid(), now() - n * interval '1 minute', p.tenant_id, p.org_id, p.person_id, 'thing.read', 'thing',
  n::text, 'done', false
from generate_series(1, 1000000) n
join (select *, row_number() over () - 1 as place, count(*) over () as everybody from holders) p
  on p.place = n % p.everybody

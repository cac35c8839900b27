-- Who holds a role where, for the other scripts.
create temporary view holders as
  select m.person_id, m.org_id, t.tenant_id, m.role from known_membership m join known_tenancy t using (org_id)
  where t.tenant_id <> 'NATIONAL';
create temporary view trusts as
  select org_id, tenant_id, row_number() over (order by org_id) - 1 as place, count(*) over () as how_many
  from known_tenancy where org_id <> tenant_id

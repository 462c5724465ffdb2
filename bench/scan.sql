-- What the server sends for the first accepted scan of a visit, taken down from SQLAlchemy's before_cursor_execute
-- on 2026-11-24 (server/scan/routes.py, server/change.py). It stays as it is when the server learns to send less:
-- it is what a scan costs when it is written statement by statement. Names after a colon are explained in
-- statements.py. On SQLite the row lock is left out and BEGIN is BEGIN IMMEDIATE.
BEGIN;

SELECT request_key.request_hash, request_key.status, request_key.media_type, request_key.body
FROM request_key
WHERE request_key.account_id = :account AND request_key."key" = :key;

SELECT visit.id, visit.enterprise_id, visit.agency_id, visit.region_code, visit.purpose, visit.basis, visit.stage,
  visit.reason, visit.window_from_at, visit.window_to_at, visit.inspectors_needed, visit.policy_version,
  visit.registered_at, visit.registered_by, visit.approval_due_at, visit.approved_at, visit.on_site_at,
  visit.record_due_at, visit.recorded_at, visit.evaluation_due_at, visit.evaluated_at, inspector.id AS id_1,
  inspector.agency_id AS agency_id_1, inspector.name, inspector.issuer, inspector.certificate_no,
  inspector.valid_from_on, inspector.valid_to_on, enterprise_1.id AS id_2, enterprise_1.uscc,
  enterprise_1.uscc_doubtful, enterprise_1.name AS name_1, enterprise_1.kind,
  enterprise_1.region_code AS region_code_1, enterprise_1.address, enterprise_1.industry_code,
  enterprise_1.latitude, enterprise_1.longitude
FROM visit
JOIN inspector ON inspector.id = :inspector
JOIN enterprise AS enterprise_1 ON enterprise_1.id = visit.enterprise_id
WHERE visit.id = :visit
  AND visit.id IN (SELECT visit_agency.visit_id FROM visit_agency WHERE visit_agency.agency_id = :agency)
FOR UPDATE OF visit;

SELECT visit_inspector.visit_id, visit_inspector.inspector_id, visit_inspector.certificate_no,
  visit_inspector.scanned_at
FROM visit_inspector
WHERE :visit = visit_inspector.visit_id
ORDER BY visit_inspector.inspector_id;

SELECT plaque.serial, plaque.enterprise_id, plaque.key_id, plaque.issued_at, plaque.issued_by, plaque.revoked_at,
  plaque.revoked_by, plaque.revoked_because, enterprise.id, enterprise.uscc, enterprise.uscc_doubtful,
  enterprise.name, enterprise.kind, enterprise.region_code, enterprise.address, enterprise.industry_code,
  enterprise.latitude, enterprise.longitude, region_1.code, region_1.name AS name_1, region_1.parent_code
FROM plaque
JOIN enterprise ON enterprise.id = plaque.enterprise_id
JOIN region AS region_1 ON region_1.code = enterprise.region_code
WHERE plaque.serial = :serial;

UPDATE visit SET stage = :on_site, on_site_at = :at, record_due_at = :at WHERE visit.id = :visit;

INSERT INTO event (id, at, verb, subject_kind, subject_id, account_id, role, device_id, address, region_code,
  agency_id, enterprise_id, basis, "before", "after")
VALUES (:event, :at, :on_site, :subject, :visit, :account, :role, :device, :address, :region,
  :agency, :firm, :basis, :before, :after);

INSERT INTO scan (id, visit_id, enterprise_id, inspector_id, account_id, device_id, serial, method, scanned_at,
  received_at, latitude, longitude, accuracy_m, reason, presence, withdrawn_at, withdrawn_because)
VALUES (:scan, :visit, :firm, :inspector, :account, :device, :serial, :method, :at,
  :at, :latitude, :longitude, :accuracy, NULL, :presence, NULL, NULL);

UPDATE visit_inspector SET scanned_at = :at
WHERE visit_inspector.visit_id = :visit AND visit_inspector.inspector_id = :inspector;

INSERT INTO request_key (account_id, "key", request_hash, status, media_type, body, answered_at)
VALUES (:account, :key, :digest, :status, :media, :body, :at);

COMMIT;

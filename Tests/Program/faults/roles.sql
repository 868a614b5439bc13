CREATE ROLE send_schedule_gateway;
CREATE ROLE send_schedule_editor;
CREATE ROLE send_schedule_auditor;
GRANT USAGE ON SCHEMA send_schedule TO send_schedule_gateway, send_schedule_editor, send_schedule_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA send_schedule TO send_schedule_gateway, send_schedule_editor, send_schedule_auditor;
GRANT SELECT ON send_schedule.change TO send_schedule_gateway, send_schedule_editor, send_schedule_auditor;
-- The gateway queues, hands out and reports; hours, phones and rates are not its business.
GRANT USAGE ON send_schedule.change TO send_schedule_gateway, send_schedule_editor;
GRANT INSERT, UPDATE ON send_schedule.message, send_schedule.counter TO send_schedule_gateway;
GRANT INSERT, UPDATE, DELETE ON send_schedule.past_send TO send_schedule_gateway;
GRANT UPDATE (waiting, failed, last_number, heads_taken, disturbances, failures_in_row, held_until, hold_reason,
  hold_ends_with_success, held_by_hand_until, held_by_hand_reason, held_by, held_at) ON send_schedule.phone TO send_schedule_gateway;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA send_schedule TO send_schedule_editor;

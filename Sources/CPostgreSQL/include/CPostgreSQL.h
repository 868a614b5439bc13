// The part of libpq that we call, found in libpq.so.5 when it is first needed.
//
// Building needs no header of libpq, and a program that opens no PostgreSQL database loads nothing of it. Names
// and meanings are libpq's (PostgreSQL documentation, chapter "libpq - C Library"), with `pq_` for `PQ`.

#ifndef CPOSTGRESQL_H
#define CPOSTGRESQL_H

#include <stdbool.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

// Values of libpq's enums, which are part of its ABI.
enum { PQ_CONNECTION_OK = 0 };
enum {
  PQ_EMPTY_QUERY = 0,
  PQ_COMMAND_OK = 1,
  PQ_TUPLES_OK = 2,
  PQ_COPY_IN = 4,
  PQ_SINGLE_TUPLE = 9,
  PQ_PIPELINE_SYNC = 10,
  PQ_PIPELINE_ABORTED = 11,
};
enum { PQ_DIAG_SQLSTATE = 'C', PQ_DIAG_MESSAGE_PRIMARY = 'M', PQ_DIAG_CONSTRAINT_NAME = 'n' };

// Loads libpq; NULL, or what the loader said. To be called before anything else here, by any thread.
const char *pq_load(void);

PGconn *pq_connect(const char *conninfo);
void pq_finish(PGconn *);
int pq_status(const PGconn *);
const char *pq_error_message(const PGconn *);
int pq_socket(const PGconn *);
int pq_backend_pid(const PGconn *);
int pq_server_version(const PGconn *);
const char *pq_parameter_status(const PGconn *, const char *name);
const char *pq_host(const PGconn *);
const char *pq_port(const PGconn *);
const char *pq_user(const PGconn *);
const char *pq_db(const PGconn *);

PGresult *pq_exec(PGconn *, const char *sql);
PGresult *pq_prepare(PGconn *, const char *name, const char *sql, int count, const unsigned int *types);
PGresult *pq_exec_prepared(
    PGconn *, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int result_format);
int pq_send_query_prepared(
    PGconn *, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int result_format);
int pq_send_prepare(PGconn *, const char *name, const char *sql, int count, const unsigned int *types);
int pq_enter_pipeline(PGconn *);
int pq_exit_pipeline(PGconn *);
int pq_pipeline_sync(PGconn *);
int pq_set_single_row_mode(PGconn *);
PGresult *pq_get_result(PGconn *);
int pq_put_copy_data(PGconn *, const char *bytes, int count);
int pq_put_copy_end(PGconn *, const char *error);
int pq_consume_input(PGconn *);
// Whether a notification came; its payload goes into `payload`, cut to its size.
bool pq_take_notification(PGconn *, char *payload, int size);
// Asks the server to give up what it does for this connection; true if the request was sent.
bool pq_cancel(PGconn *);

int pq_result_status(const PGresult *);
const char *pq_result_error_field(const PGresult *, int field);
const char *pq_result_error_message(const PGresult *);
int pq_ntuples(const PGresult *);
const char *pq_getvalue(const PGresult *, int row, int column);
int pq_getlength(const PGresult *, int row, int column);
int pq_getisnull(const PGresult *, int row, int column);
const char *pq_cmd_status(PGresult *);
const char *pq_cmd_tuples(PGresult *);
void pq_clear(PGresult *);

// The parts of a connection string or URI that may be shown (`postgresql://user@host:port/dbname`), into `buffer`;
// false if libpq cannot read it, then `buffer` says why. Never a password.
bool pq_describe(const char *conninfo, char *buffer, int size);

#endif

#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*notice_processor)(void *, const char *);

typedef struct {
  char *keyword;
  char *envvar;
  char *compiled;
  char *val;
  char *label;
  char *dispchar;
  int dispsize;
} conninfo_option;

// libpq's PGnotify.
typedef struct notification {
  char *channel;
  int sender;
  char *payload;
  struct notification *next;
} notification;

static struct {
  PGconn *(*connectdb_params)(const char *const *, const char *const *, int);
  void (*finish)(PGconn *);
  int (*status)(const PGconn *);
  char *(*error_message)(const PGconn *);
  int (*socket)(const PGconn *);
  int (*backend_pid)(const PGconn *);
  int (*server_version)(const PGconn *);
  const char *(*parameter_status)(const PGconn *, const char *);
  char *(*host)(const PGconn *);
  char *(*port)(const PGconn *);
  char *(*user)(const PGconn *);
  char *(*db)(const PGconn *);
  PGresult *(*exec)(PGconn *, const char *);
  PGresult *(*prepare)(PGconn *, const char *, const char *, int, const unsigned int *);
  PGresult *(*exec_prepared)(
      PGconn *, const char *, int, const char *const *, const int *, const int *, int);
  int (*send_query_prepared)(
      PGconn *, const char *, int, const char *const *, const int *, const int *, int);
  int (*send_prepare)(PGconn *, const char *, const char *, int, const unsigned int *);
  int (*enter_pipeline)(PGconn *);
  int (*exit_pipeline)(PGconn *);
  int (*pipeline_sync)(PGconn *);
  int (*set_single_row_mode)(PGconn *);
  PGresult *(*get_result)(PGconn *);
  int (*put_copy_data)(PGconn *, const char *, int);
  int (*put_copy_end)(PGconn *, const char *);
  int (*consume_input)(PGconn *);
  notification *(*notifies)(PGconn *);
  void (*freemem)(void *);
  void *(*get_cancel)(PGconn *);
  int (*cancel)(void *, char *, int);
  void (*free_cancel)(void *);
  notice_processor (*set_notice_processor)(PGconn *, notice_processor, void *);
  int (*result_status)(const PGresult *);
  char *(*result_error_field)(const PGresult *, int);
  char *(*result_error_message)(const PGresult *);
  int (*ntuples)(const PGresult *);
  char *(*getvalue)(const PGresult *, int, int);
  int (*getlength)(const PGresult *, int, int);
  int (*getisnull)(const PGresult *, int, int);
  char *(*cmd_status)(PGresult *);
  char *(*cmd_tuples)(PGresult *);
  void (*clear)(PGresult *);
  conninfo_option *(*conninfo_parse)(const char *, char **);
  void (*conninfo_free)(conninfo_option *);
} libpq;

static const struct {
  const char *name;
  void **place;
} symbols[] = {
    {"PQconnectdbParams", (void **)&libpq.connectdb_params},
    {"PQfinish", (void **)&libpq.finish},
    {"PQstatus", (void **)&libpq.status},
    {"PQerrorMessage", (void **)&libpq.error_message},
    {"PQsocket", (void **)&libpq.socket},
    {"PQbackendPID", (void **)&libpq.backend_pid},
    {"PQserverVersion", (void **)&libpq.server_version},
    {"PQparameterStatus", (void **)&libpq.parameter_status},
    {"PQhost", (void **)&libpq.host},
    {"PQport", (void **)&libpq.port},
    {"PQuser", (void **)&libpq.user},
    {"PQdb", (void **)&libpq.db},
    {"PQexec", (void **)&libpq.exec},
    {"PQprepare", (void **)&libpq.prepare},
    {"PQexecPrepared", (void **)&libpq.exec_prepared},
    {"PQsendQueryPrepared", (void **)&libpq.send_query_prepared},
    {"PQsendPrepare", (void **)&libpq.send_prepare},
    {"PQenterPipelineMode", (void **)&libpq.enter_pipeline},
    {"PQexitPipelineMode", (void **)&libpq.exit_pipeline},
    {"PQpipelineSync", (void **)&libpq.pipeline_sync},
    {"PQsetSingleRowMode", (void **)&libpq.set_single_row_mode},
    {"PQgetResult", (void **)&libpq.get_result},
    {"PQputCopyData", (void **)&libpq.put_copy_data},
    {"PQputCopyEnd", (void **)&libpq.put_copy_end},
    {"PQconsumeInput", (void **)&libpq.consume_input},
    {"PQnotifies", (void **)&libpq.notifies},
    {"PQfreemem", (void **)&libpq.freemem},
    {"PQgetCancel", (void **)&libpq.get_cancel},
    {"PQcancel", (void **)&libpq.cancel},
    {"PQfreeCancel", (void **)&libpq.free_cancel},
    {"PQsetNoticeProcessor", (void **)&libpq.set_notice_processor},
    {"PQresultStatus", (void **)&libpq.result_status},
    {"PQresultErrorField", (void **)&libpq.result_error_field},
    {"PQresultErrorMessage", (void **)&libpq.result_error_message},
    {"PQntuples", (void **)&libpq.ntuples},
    {"PQgetvalue", (void **)&libpq.getvalue},
    {"PQgetlength", (void **)&libpq.getlength},
    {"PQgetisnull", (void **)&libpq.getisnull},
    {"PQcmdStatus", (void **)&libpq.cmd_status},
    {"PQcmdTuples", (void **)&libpq.cmd_tuples},
    {"PQclear", (void **)&libpq.clear},
    {"PQconninfoParse", (void **)&libpq.conninfo_parse},
    {"PQconninfoFree", (void **)&libpq.conninfo_free},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_error[256];

static void load(void) {
  void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(load_error, sizeof load_error, "%s", dlerror());
    return;
  }
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    *symbols[i].place = dlsym(library, symbols[i].name);
    if (!*symbols[i].place) {
      snprintf(load_error, sizeof load_error, "libpq.so.5 has no %s", symbols[i].name);
      return;
    }
  }
}

const char *pq_load(void) {
  pthread_once(&once, load);
  return load_error[0] ? load_error : NULL;
}

// The server's notices are not ours to print.
static void drop_notice(void *context, const char *message) {
  (void)context;
  (void)message;
}

// What libpq would wait for without end is given up after some seconds: a host that is cut off sends no refusal.
// Each is overridden by what the connection string says, and left alone where the environment has a word for it.
static const struct {
  const char *keyword, *value, *variable;
} defaults[] = {
    {"connect_timeout", "5", "PGCONNECT_TIMEOUT"},
    {"keepalives_idle", "10", NULL},
    {"keepalives_interval", "5", NULL},
    {"keepalives_count", "2", NULL},
    {"tcp_user_timeout", "20000", NULL},
    {"fallback_application_name", "send-schedule", NULL},
    {"client_encoding", "UTF8", NULL},
};

PGconn *pq_connect(const char *conninfo) {
  enum { COUNT = sizeof defaults / sizeof *defaults };
  const char *keywords[COUNT + 2], *values[COUNT + 2];
  int count = 0;
  for (int i = 0; i < COUNT; i++) {
    if (defaults[i].variable && getenv(defaults[i].variable)) continue;
    keywords[count] = defaults[i].keyword;
    values[count++] = defaults[i].value;
  }
  keywords[count] = "dbname";
  values[count++] = conninfo;
  keywords[count] = values[count] = NULL;
  PGconn *connection = libpq.connectdb_params(keywords, values, 1);
  if (connection) libpq.set_notice_processor(connection, drop_notice, NULL);
  return connection;
}

void pq_finish(PGconn *c) { libpq.finish(c); }
int pq_status(const PGconn *c) { return libpq.status(c); }
const char *pq_error_message(const PGconn *c) { return libpq.error_message(c); }
int pq_socket(const PGconn *c) { return libpq.socket(c); }
int pq_backend_pid(const PGconn *c) { return libpq.backend_pid(c); }
int pq_server_version(const PGconn *c) { return libpq.server_version(c); }
const char *pq_parameter_status(const PGconn *c, const char *name) {
  return libpq.parameter_status(c, name);
}
const char *pq_host(const PGconn *c) { return libpq.host(c); }
const char *pq_port(const PGconn *c) { return libpq.port(c); }
const char *pq_user(const PGconn *c) { return libpq.user(c); }
const char *pq_db(const PGconn *c) { return libpq.db(c); }

PGresult *pq_exec(PGconn *c, const char *sql) { return libpq.exec(c, sql); }

PGresult *pq_prepare(PGconn *c, const char *name, const char *sql, int count, const unsigned int *types) {
  return libpq.prepare(c, name, sql, count, types);
}

PGresult *pq_exec_prepared(
    PGconn *c, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int result_format) {
  return libpq.exec_prepared(c, name, count, values, lengths, formats, result_format);
}

int pq_send_query_prepared(
    PGconn *c, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int result_format) {
  return libpq.send_query_prepared(c, name, count, values, lengths, formats, result_format);
}

int pq_send_prepare(PGconn *c, const char *name, const char *sql, int count, const unsigned int *types) {
  return libpq.send_prepare(c, name, sql, count, types);
}
int pq_enter_pipeline(PGconn *c) { return libpq.enter_pipeline(c); }
int pq_exit_pipeline(PGconn *c) { return libpq.exit_pipeline(c); }
int pq_pipeline_sync(PGconn *c) { return libpq.pipeline_sync(c); }
int pq_set_single_row_mode(PGconn *c) { return libpq.set_single_row_mode(c); }
PGresult *pq_get_result(PGconn *c) { return libpq.get_result(c); }
int pq_put_copy_data(PGconn *c, const char *bytes, int count) {
  return libpq.put_copy_data(c, bytes, count);
}
int pq_put_copy_end(PGconn *c, const char *error) { return libpq.put_copy_end(c, error); }
int pq_consume_input(PGconn *c) { return libpq.consume_input(c); }

bool pq_take_notification(PGconn *c, char *payload, int size) {
  notification *taken = libpq.notifies(c);
  if (!taken) return false;
  snprintf(payload, size, "%s", taken->payload ? taken->payload : "");
  libpq.freemem(taken);
  return true;
}

bool pq_cancel(PGconn *c) {
  void *cancel = libpq.get_cancel(c);
  if (!cancel) return false;
  char why[256];
  int sent = libpq.cancel(cancel, why, sizeof why);
  libpq.free_cancel(cancel);
  return sent == 1;
}

int pq_result_status(const PGresult *r) { return libpq.result_status(r); }
const char *pq_result_error_field(const PGresult *r, int field) {
  return libpq.result_error_field(r, field);
}
const char *pq_result_error_message(const PGresult *r) { return libpq.result_error_message(r); }
int pq_ntuples(const PGresult *r) { return libpq.ntuples(r); }
const char *pq_getvalue(const PGresult *r, int row, int column) { return libpq.getvalue(r, row, column); }
int pq_getlength(const PGresult *r, int row, int column) { return libpq.getlength(r, row, column); }
int pq_getisnull(const PGresult *r, int row, int column) { return libpq.getisnull(r, row, column); }
const char *pq_cmd_status(PGresult *r) { return libpq.cmd_status(r); }
const char *pq_cmd_tuples(PGresult *r) { return libpq.cmd_tuples(r); }
void pq_clear(PGresult *r) { libpq.clear(r); }

static const char *option(const conninfo_option *options, const char *keyword) {
  for (; options->keyword; options++) {
    if (strcmp(options->keyword, keyword) == 0) return options->val && *options->val ? options->val : NULL;
  }
  return NULL;
}

bool pq_describe(const char *conninfo, char *buffer, int size) {
  char *error = NULL;
  conninfo_option *options = libpq.conninfo_parse(conninfo, &error);
  if (!options) {
    // What libpq says may repeat a part of the text, a password among it.
    snprintf(buffer, size, "libpq cannot read this connection string");
    if (error) libpq.freemem(error);
    return false;
  }
  const char *user = option(options, "user"), *host = option(options, "host");
  const char *port = option(options, "port"), *name = option(options, "dbname");
  const char *service = option(options, "service");
  snprintf(
      buffer, size, "postgresql://%s%s%s%s%s%s%s%s%s", user ? user : "", user ? "@" : "", host ? host : "",
      port ? ":" : "", port ? port : "", name ? "/" : "", name ? name : "", service ? "?service=" : "",
      service ? service : "");
  libpq.conninfo_free(options);
  return true;
}

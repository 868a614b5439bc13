// The system's SQLite.
#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>

// Variadic, which Swift does not import: a name in double quotes is never a text.
static inline void csqlite_refuse_quoted_texts(sqlite3 *connection) {
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, (void *)0);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, (void *)0);
}

#endif

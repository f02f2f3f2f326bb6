/* sql.h: SQL behind the program's back, for tests of what it keeps in SQLite. */
#ifndef FRAUDTOP_TESTS_SQL_H
#define FRAUDTOP_TESTS_SQL_H

#include <stdio.h>

#include <sqlite3.h>

struct sql_answer {
	char text[512];
};

static inline int
sql_take_row(void *context, int columns, char **values, char **names)
{
	struct sql_answer *answer = context;
	(void)columns;
	(void)names;
	snprintf(answer->text, sizeof(answer->text), "%s", values[0] != NULL ? values[0] : "NULL");
	return 0;
}

/* The first column of the last row, `ok` where there is no row, or `error: ` and SQLite's words. */
static inline const char *
sql_ask(const char *file, const char *sql)
{
	static struct sql_answer answer;
	sqlite3 *db = NULL;
	char *message = NULL;
	snprintf(answer.text, sizeof(answer.text), "ok");
	if (sqlite3_open(file, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, sql_take_row, &answer, &message) != SQLITE_OK)
		snprintf(answer.text, sizeof(answer.text), "error: %s",
		    message != NULL ? message : sqlite3_errmsg(db));
	sqlite3_free(message);
	sqlite3_close(db);
	return answer.text;
}

#endif

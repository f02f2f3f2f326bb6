/* hostile.h: an HTTP server for tests that may do anything to its clients.
 *
 * One thread a connection, plain sockets on a free port of 127.0.0.1. The test's `serve` gets each
 * request with the socket and answers as it likes. hostile_stop ends every thread. */
#ifndef FRAUDTOP_TESTS_KIT_HOSTILE_H
#define FRAUDTOP_TESTS_KIT_HOSTILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { HOSTILE_CONNECTIONS = 256 };

struct hostile_request {
	int fd;
	char text[8192]; /* request line, headers and body */
	char path[512];
	unsigned connection; /* the how-many-th of the server, from 1 */
	struct hostile *server;
};

struct hostile {
	int fd;
	char url[64];
	bool (*serve)(struct hostile_request *request, void *context); /* false: hang up */
	void *context;
	pthread_t acceptor, threads[HOSTILE_CONNECTIONS];
	int fds[HOSTILE_CONNECTIONS];
	unsigned connections, requests;
	bool stopping;
	pthread_mutex_t lock;
};

/* `serve` is called by the threads of connections. */
struct hostile *hostile_start(
    bool (*serve)(struct hostile_request *request, void *context), void *context);
void hostile_stop(struct hostile *server);
/* A socket with a port of its own that does not listen: who connects is refused, and no other
 * program is given the port. */
int hostile_bind(char url[64]);
/* How many it has had until now. */
unsigned hostile_connections(struct hostile *server);

/* Both: false if the client is gone. The head begins after `HTTP/1.1 ` and bears no length. */
bool hostile_send(const struct hostile_request *request, const char *bytes, size_t length);
bool hostile_answer(const struct hostile_request *request, const char *head, const char *body);
/* Holds the connection until the server stops or `us` are over. */
void hostile_hang(struct hostile_request *request, long us);
/* Ends the connection with a reset instead of a FIN. */
void hostile_reset(const struct hostile_request *request);

#endif

#define _GNU_SOURCE /* strcasestr */
#include "tests/kit/hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool
hostile_send(const struct hostile_request *request, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = send(request->fd, bytes, length, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		bytes += put;
		length -= (size_t)put;
	}
	return true;
}

bool
hostile_answer(const struct hostile_request *request, const char *head, const char *body)
{
	char text[1024];
	int length = snprintf(
	    text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", head, strlen(body));
	return hostile_send(request, text, (size_t)length) &&
	       hostile_send(request, body, strlen(body));
}

void
hostile_hang(struct hostile_request *request, long us)
{
	for (; us > 0; us -= 10000) {
		pthread_mutex_lock(&request->server->lock);
		bool stopping = request->server->stopping;
		pthread_mutex_unlock(&request->server->lock);
		if (stopping)
			return;
		usleep(10000);
	}
}

void
hostile_reset(const struct hostile_request *request)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	setsockopt(request->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool
hostile_read(struct hostile_request *request)
{
	size_t length = 0, need = 0;
	for (;;) {
		ssize_t got = recv(
		    request->fd, request->text + length, sizeof(request->text) - 1 - length, 0);
		if (got <= 0)
			return false;
		length += (size_t)got;
		request->text[length] = '\0';
		char *end = strstr(request->text, "\r\n\r\n");
		if (end == NULL)
			continue;
		char *header = strcasestr(request->text, "\r\ncontent-length:");
		if (header != NULL && header < end)
			need = (size_t)atol(header + 17);
		if (length >= (size_t)(end + 4 - request->text) + need)
			break;
	}
	return sscanf(request->text, "%*s %511s", request->path) == 1;
}

static void *
hostile_connection(void *context)
{
	struct hostile_request *request = context;
	struct hostile *server = request->server;
	while (hostile_read(request)) {
		pthread_mutex_lock(&server->lock);
		server->requests++;
		pthread_mutex_unlock(&server->lock);
		if (!server->serve(request, server->context))
			break;
	}
	pthread_mutex_lock(&server->lock);
	server->fds[request->connection - 1] = -1;
	close(request->fd);
	pthread_mutex_unlock(&server->lock);
	free(request);
	return NULL;
}

static void *
hostile_accept(void *context)
{
	struct hostile *server = context;
	for (;;) {
		int fd = accept(server->fd, NULL, NULL), on = 1;
		if (fd < 0)
			return NULL;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		pthread_mutex_lock(&server->lock);
		unsigned index = server->connections;
		if (server->stopping || index == HOSTILE_CONNECTIONS) {
			pthread_mutex_unlock(&server->lock);
			close(fd);
			continue;
		}
		struct hostile_request *request = calloc(1, sizeof(*request));
		request->fd = server->fds[index] = fd;
		request->connection = ++server->connections;
		request->server = server;
		pthread_create(&server->threads[index], NULL, hostile_connection, request);
		pthread_mutex_unlock(&server->lock);
	}
}

int
hostile_bind(char url[64])
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		abort();
	snprintf(url, 64, "http://127.0.0.1:%u", ntohs(address.sin_port));
	return fd;
}

struct hostile *
hostile_start(bool (*serve)(struct hostile_request *request, void *context), void *context)
{
	struct hostile *server = calloc(1, sizeof(*server));
	server->serve = serve;
	server->context = context;
	pthread_mutex_init(&server->lock, NULL);
	server->fd = hostile_bind(server->url);
	if (listen(server->fd, 64) != 0)
		abort();
	pthread_create(&server->acceptor, NULL, hostile_accept, server);
	return server;
}

unsigned
hostile_connections(struct hostile *server)
{
	pthread_mutex_lock(&server->lock);
	unsigned count = server->connections;
	pthread_mutex_unlock(&server->lock);
	return count;
}

void
hostile_stop(struct hostile *server)
{
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	for (unsigned i = 0; i < server->connections; i++) {
		if (server->fds[i] >= 0)
			shutdown(server->fds[i], SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->lock);
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->acceptor, NULL);
	for (unsigned i = 0; i < server->connections; i++)
		pthread_join(server->threads[i], NULL);
	close(server->fd);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

/* poll.c: a thousand services polled once a second, and Prometheus scraping the same.
 *
 * One process of its own plays the services: a port each, connections kept alive, /health and
 * 20 KB of /metrics, as OpenMetrics or text 0.0.4 by the request's Accept, in which every count
 * grows from one scrape to the next. Its cost is nobody's. Both ask for /metrics once a second, the
 * poller for /health besides, as often as it does with so many services (its cost is in the
 * figure). They take turns, for so long each, since together they and the services would want more
 * than two cores; the processor's time of a process has its system calls in it. What was polled is
 * told on stderr; of ours every service's figures must be known, and no connection be made anew. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/poll/poller.h"
#include "tests/bench/bench.h"

enum {
	SERVICES = 1000,
	BYTES = 20000,
	WARM_S = 4,
	PEER_WARM_S = 15,
	SLICE_S = 3,
	FDS = 8192,
	GROW_EVERY = 200
};

static const char name[] = "poll";

/* What the services saw, shared between the processes. */
struct seen {
	atomic_uint ours, health, theirs, connections, broken;
};

struct services {
	struct seen *seen;
	unsigned short ports[SERVICES];
	struct buf bodies[2]; /* text 0.0.4, OpenMetrics */
	size_t counters[2]; /* where 12 digits that grow begin in each */
	unsigned grown; /* how often they were written */
};

/* A process that ends with this one, however that ends. */
static pid_t
fork_child(void)
{
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		bench_fail(name, strerror(errno));
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(1);
	return pid;
}

/* --- the services --- */
static void
write_histogram(struct buf *out, const char *metric, const char *labels, unsigned base)
{
	static const char *const bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.075", "0.1",
	    "0.25", "0.5", "0.75", "1.0", "2.5", "5.0", "7.5", "10.0", "+Inf"};
	for (unsigned i = 0; i < 15; i++)
		buf_printf(out, "%s_bucket{%s,le=\"%s\"} %u.0\n", metric, labels, bounds[i],
		    base * (i + 1));
	buf_printf(out, "%s_count{%s} %u.0\n%s_sum{%s} %.9f\n", metric, labels, base * 15, metric,
	    labels, base * 0.0317);
}

/* An exposition as prometheus_client writes it, filled up to BYTES; where its counter stands. */
static size_t
write_body(struct buf *out, bool open, unsigned grown)
{
	static const char *const paths[] = {"/predict", "/predict/batch", "/health"};
	const char *total = open ? "" : "_total";
	buf_clear(out);
	buf_printf(out,
	    "# HELP api_requests%s Requests by endpoint, method and status\n"
	    "# TYPE api_requests%s counter\n",
	    total, total);
	buf_puts(out, "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} ");
	size_t counter = out->length;
	buf_puts(out, "000000000000\n");
	buf_puts(out, "# HELP api_latency_seconds Latency\n# TYPE api_latency_seconds histogram\n");
	for (unsigned i = 0; i < 3; i++) {
		char labels[64];
		snprintf(labels, sizeof(labels), "endpoint=\"%s\"", paths[i]);
		write_histogram(out, "api_latency_seconds", labels, 1000 + i + grown);
	}
	for (unsigned family = 0; out->length < BYTES - 300; family++) {
		buf_printf(out,
		    "# HELP model_feature_%u_value Value of an input, by segment\n"
		    "# TYPE model_feature_%u_value histogram\n",
		    family, family);
		for (unsigned i = 0; i < 2 && out->length < BYTES - 1500; i++) {
			char labels[96], metric[64];
			snprintf(labels, sizeof(labels),
			    "model=\"fraud\",version=\"12\",segment=\"%s\"",
			    i == 0 ? "retail" : "travel");
			snprintf(metric, sizeof(metric), "model_feature_%u_value", family);
			write_histogram(out, metric, labels, 17 + family + grown);
		}
		buf_printf(out,
		    "# HELP process_figure_%u A figure of the process\n"
		    "# TYPE process_figure_%u gauge\nprocess_figure_%u 1.67106647897%ue+09\n",
		    family, family, family, 86139 + grown % 1000);
	}
	if (open)
		buf_puts(out, "# EOF\n");
	return counter;
}

static int
listen_somewhere(unsigned short *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		bench_fail(name, strerror(errno));
	*port = ntohs(address.sin_port);
	return fd;
}

static void
send_all(int fd, struct seen *seen, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN) {
			atomic_fetch_add(&seen->broken, 1);
			return;
		}
		bytes += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
}

/* Between two scrapes of a service nearly all of its values change. */
static void
grow(struct services *services)
{
	services->grown++;
	for (int i = 0; i < 2; i++)
		services->counters[i] = write_body(&services->bodies[i], i == 1, services->grown);
}

static void
answer(struct services *services, int fd, const char *request)
{
	char head[256];
	struct seen *seen = services->seen;
	bool prometheus = strstr(request, "User-Agent: Prometheus") != NULL;
	if (strncmp(request, "GET /health", 11) == 0) {
		static const char health[] = "{\"status\":\"ok\",\"model_loaded\":true,\"model\":"
					     "\"fraud\",\"version\":\"12\"}";
		int length = snprintf(head, sizeof(head),
		    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
		    "%zu\r\n\r\n%s",
		    sizeof(health) - 1, health);
		atomic_fetch_add(&seen->health, 1);
		send_all(fd, seen, head, (size_t)length);
		return;
	}
	if (atomic_load(&seen->ours) + atomic_load(&seen->theirs) >= services->grown * GROW_EVERY)
		grow(services);
	bool open = strstr(request, "application/openmetrics-text") != NULL;
	struct buf *body = &services->bodies[open];
	unsigned count = atomic_fetch_add(prometheus ? &seen->theirs : &seen->ours, 1);
	char digits[32];
	snprintf(digits, sizeof(digits), "%012u", count);
	memcpy(body->data + services->counters[open], digits, 12);
	int length = snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n\r\n",
	    open ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4",
	    body->length);
	send_all(fd, seen, head, (size_t)length);
	send_all(fd, seen, body->data, body->length);
}

static void
accept_one(struct seen *seen, int poll, int listener, bool *listening)
{
	int fd = accept(listener, NULL, NULL), on = 1;
	if (fd < 0 || fd >= FDS)
		bench_fail(name, "a connection too many");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	listening[fd] = false;
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
	atomic_fetch_add(&seen->connections, 1);
}

static _Noreturn void
serve(struct services *services, const int *listeners)
{
	static bool listening[FDS];
	struct epoll_event events[64];
	char request[4096];
	int poll = epoll_create1(0);
	for (int i = 0; i < SERVICES; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = listeners[i]};
		listening[listeners[i]] = true;
		epoll_ctl(poll, EPOLL_CTL_ADD, listeners[i], &event);
	}
	for (;;) {
		int count = epoll_wait(poll, events, 64, -1);
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (listening[fd]) {
				accept_one(services->seen, poll, fd, listening);
				continue;
			}
			ssize_t got = recv(fd, request, sizeof(request) - 1, 0);
			request[got > 0 ? got : 0] = '\0';
			if (got <= 0)
				close(fd);
			else
				answer(services, fd, request);
		}
	}
}

static pid_t
start_services(struct services *services)
{
	int listeners[SERVICES];
	services->seen = mmap(NULL, sizeof(*services->seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	grow(services);
	for (int i = 0; i < SERVICES; i++)
		listeners[i] = listen_somewhere(&services->ports[i]);
	pid_t pid = fork_child();
	if (pid == 0)
		serve(services, listeners);
	for (int i = 0; i < SERVICES; i++)
		close(listeners[i]);
	return pid;
}

/* --- Prometheus --- */
static pid_t
start_prometheus(const struct services *services, const char *folder)
{
	struct buf config = {0};
	char path[256], data[256], log[256], listen[64];
	unsigned short port;
	close(listen_somewhere(&port));
	buf_puts(&config, "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
			  "scrape_configs:\n- job_name: s\n  static_configs:\n  - targets: [");
	for (int i = 0; i < SERVICES; i++)
		buf_printf(&config, "%s'127.0.0.1:%u'", i > 0 ? "," : "", services->ports[i]);
	buf_puts(&config, "]\n");
	snprintf(path, sizeof(path), "--config.file=%s/p.yml", folder);
	snprintf(data, sizeof(data), "--storage.tsdb.path=%s/data", folder);
	snprintf(log, sizeof(log), "%s/log", folder);
	snprintf(listen, sizeof(listen), "--web.listen-address=127.0.0.1:%u", port);
	if (!buf_write_file(path + 14, config.data, config.length, 0600, NULL))
		bench_fail(name, "the configuration of Prometheus cannot be written");
	buf_free(&config);
	pid_t pid = fork_child();
	if (pid == 0) {
		int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(out, 1);
		dup2(out, 2);
		execlp("prometheus", "prometheus", path, data, listen, "--log.level=warn", NULL);
		_exit(127);
	}
	return pid;
}

/* --- measuring --- */
static double
cpu_of(pid_t pid)
{
	clockid_t clock;
	struct timespec used;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		bench_fail(name, "a process is gone (is prometheus installed?)");
	return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static double
rss_of(pid_t pid)
{
	char path[64];
	struct buf text = {0};
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	double kib = 0;
	if (buf_read_file(&text, path, 1 << 16, NULL)) {
		buf_append(&text, "", 0);
		const char *line = strstr(text.data, "VmRSS:");
		kib = line != NULL ? atof(line + 6) : 0;
	}
	buf_free(&text);
	return kib / 1024;
}

static void
run_for(struct loop *loop, int64_t us)
{
	mono_us end = clock_mono() + us;
	for (int64_t left = us; left > 0; left = end - clock_mono())
		loop_run_once(loop, left);
}

static struct bench_runs
same(double value)
{
	struct bench_runs runs;
	for (int i = 0; i < BENCH_RUNS; i++)
		runs.values[i] = value;
	return runs;
}

static void
tell(const char *who, unsigned polls)
{
	fprintf(stderr, "poll: %s: %u of %u polls\n", who, polls, SERVICES * SLICE_S * BENCH_RUNS);
	if (polls < SERVICES * SLICE_S * BENCH_RUNS / 4)
		bench_fail(name, "polls were left out");
}

static void
check_services(const struct poller *poller)
{
	for (size_t i = 0; i < SERVICES; i++) {
		const struct poll_state *state = poller_service(poller, i);
		if (!state->healthy || !state->metrics_known || state->metrics_reason[0] != '\0')
			bench_fail(name, "a service is not healthy, or its figures unknown");
	}
}

/* Per cent of a core at a thousand polls a second, from what so many polls took: a busy machine
 * leaves some out. */
static double
per_thousand(double seconds, unsigned polls)
{
	return 100 * seconds * SERVICES / (polls > 0 ? polls : 1);
}

static struct bench_runs
measure(pid_t pid, atomic_uint *polls, struct loop *loop)
{
	struct bench_runs runs;
	for (int i = 0; i < BENCH_RUNS; i++) {
		double seconds = cpu_of(pid);
		unsigned before = atomic_load(polls);
		if (loop != NULL)
			run_for(loop, SLICE_S * CLOCK_SECOND);
		else
			sleep(SLICE_S);
		runs.values[i] = per_thousand(cpu_of(pid) - seconds, atomic_load(polls) - before);
	}
	return runs;
}

static struct bench_runs
measure_poller(const struct services *services, double *rss)
{
	struct seen *seen = services->seen;
	struct loop *loop = loop_new();
	struct http *http = http_new(loop);
	struct poller *poller = poller_new(loop, http, NULL);
	for (int i = 0; i < SERVICES; i++) {
		char url[64];
		snprintf(url, sizeof(url), "http://127.0.0.1:%u", services->ports[i]);
		poller_add(poller, url, NULL);
	}
	run_for(loop, WARM_S * CLOCK_SECOND);
	unsigned polls = atomic_load(&seen->ours), connections = atomic_load(&seen->connections);
	struct bench_runs runs = measure(getpid(), &seen->ours, loop);
	tell("fraudtop", atomic_load(&seen->ours) - polls);
	check_services(poller);
	if (atomic_load(&seen->connections) != connections)
		bench_fail(name, "connections were not kept");
	*rss = rss_of(getpid());
	poller_free(poller);
	http_free(http);
	loop_free(loop);
	return runs;
}

static struct bench_runs
measure_prometheus(const struct services *services, const char *folder, double *rss)
{
	struct seen *seen = services->seen;
	pid_t pid = start_prometheus(services, folder);
	sleep(PEER_WARM_S);
	unsigned polls = atomic_load(&seen->theirs);
	struct bench_runs runs = measure(pid, &seen->theirs, NULL);
	tell("prometheus", atomic_load(&seen->theirs) - polls);
	*rss = rss_of(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return runs;
}

int
main(void)
{
	struct rlimit files;
	struct services services = {0};
	char folder[] = "/tmp/fraudtop-bench-XXXXXX", command[64];
	double our_rss, rss;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < FDS ? files.rlim_max : FDS;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < 4 * SERVICES || mkdtemp(folder) == NULL)
		bench_fail(name, "too few open files are allowed, or no folder");
	pid_t server = start_services(&services);
	struct bench_runs ours = measure_poller(&services, &our_rss);
	struct bench_runs theirs = measure_prometheus(&services, folder, &rss);
	bench_line(
	    "poll: 1,000 services of 20 KB each second", "% core", ours, "prometheus", theirs);
	bench_line("poll: their memory", "MiB", same(our_rss), "prometheus", same(rss));
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 ? 0 : 1;
}

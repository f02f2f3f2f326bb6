/* http.c over TLS and IPv6, against libmicrohttpd: a certificate that nobody vouches for is no
 * answer, whatever it guards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <microhttpd.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/buf.h"
#include "tests/folder.h"
#include "tests/kit/fetched.h"

static atomic_uint served;
static char folder[FOLDER_SIZE], ours[FOLDER_SIZE + 16], other[FOLDER_SIZE + 16];

static enum MHD_Result
serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	static char text[] = "hello";
	(void)context, (void)url, (void)method, (void)version, (void)upload;
	(void)upload_size, (void)request;
	served++;
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(5, text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

static void
fetch(struct fetched *world, const char *scheme, const char *host, struct MHD_Daemon *daemon,
    struct http_access *access)
{
	char url[128];
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(url, sizeof(url), "%s://%s:%u/x", scheme, host, info->port);
	fetched_ask(world, (struct http_request){.url = url, .access = access}, "");
}

static char *
text_of(BIO *bio)
{
	char *bytes, *text;
	long length = BIO_get_mem_data(bio, &bytes);
	text = strndup(bytes, (size_t)length);
	BIO_free(bio);
	return text;
}

/* A key, and a certificate for localhost and 127.0.0.1 that it signed itself. */
static void
make_certificate(char **key, char **certificate)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	X509 *made = X509_new();
	BIO *bios[2] = {BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem())};
	ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
	X509_gmtime_adj(X509_getm_notBefore(made), -86400);
	X509_gmtime_adj(X509_getm_notAfter(made), 86400);
	X509_set_pubkey(made, pair);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
	    (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(made, X509_get_subject_name(made));
	assert_true(X509_sign(made, pair, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_PrivateKey(bios[0], pair, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_bio_X509(bios[1], made), 1);
	*key = text_of(bios[0]);
	*certificate = text_of(bios[1]);
	X509_free(made);
	EVP_PKEY_free(pair);
}

static struct MHD_Daemon *
start(unsigned flags)
{
	served = 0;
	return MHD_start_daemon(
	    flags | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, NULL, MHD_OPTION_END);
}

/* A server with a certificate of its own making, which is also written to a file. */
static struct MHD_Daemon *
start_secure(const char *certificate_path)
{
	char *key, *certificate;
	if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
		print_message("libmicrohttpd was built without TLS\n");
		skip();
	}
	make_certificate(&key, &certificate);
	assert_true(buf_write_file(certificate_path, certificate, strlen(certificate), 0600, NULL));
	served = 0;
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_TLS | MHD_USE_INTERNAL_POLLING_THREAD,
	    0, NULL, NULL, serve, NULL, MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_MEM_CERT,
	    certificate, MHD_OPTION_END);
	assert_non_null(daemon);
	free(key);
	free(certificate);
	return daemon;
}

static int
setup(void **state)
{
	assert_true(folder_make(folder, "secure"));
	snprintf(ours, sizeof(ours), "%s/ours.pem", folder);
	snprintf(other, sizeof(other), "%s/other.pem", folder);
	return fetched_setup(state);
}

static int
teardown(void **state)
{
	assert_int_equal(folder_remove(folder), 0);
	return fetched_teardown(state);
}

static void
a_certificate_that_nobody_vouches_for_is_refused_and_named(void **state)
{
	struct fetched *world = *state;
	struct MHD_Daemon *daemon = start_secure(ours);
	fetch(world, "https", "localhost", daemon, NULL);
	assert_int_equal(world->status, 0);
	assert_non_null(strstr(world->reason, "certificate"));
	assert_int_equal(served, 0); /* nothing was told to a stranger */
	fetch(world, "http", "127.0.0.1", daemon, NULL);
	assert_int_equal(world->status, 0);
	assert_int_not_equal(world->reason[0], '\0');
	MHD_stop_daemon(daemon);
}

static void
the_authority_that_was_named_vouches_and_no_other(void **state)
{
	struct fetched *world = *state;
	MHD_stop_daemon(start_secure(other));
	struct MHD_Daemon *daemon = start_secure(ours);
	struct http_access *good = http_access_new(&(struct http_access_options){.ca_file = ours});
	struct http_access *bad = http_access_new(&(struct http_access_options){.ca_file = other});
	fetch(world, "https", "localhost", daemon, good);
	assert_int_equal(world->status, 200);
	assert_string_equal(world->body, "hello");
	fetch(world, "https", "localhost", daemon, bad); /* though a connection stands open */
	assert_int_equal(world->status, 0);
	assert_non_null(strstr(world->reason, "certificate"));
	fetch(world, "https", "localhost", daemon, NULL);
	assert_int_equal(world->status, 0);
	assert_int_equal(served, 1);
	MHD_stop_daemon(daemon);
	http_free(world->http);
	world->http = http_new(world->loop);
	http_access_free(good);
	http_access_free(bad);
}

static void
a_server_that_speaks_no_tls_is_no_answer_over_https(void **state)
{
	struct fetched *world = *state;
	struct MHD_Daemon *daemon = start(0);
	assert_non_null(daemon);
	fetch(world, "https", "127.0.0.1", daemon, NULL);
	assert_int_equal(world->status, 0);
	assert_int_not_equal(world->reason[0], '\0');
	assert_int_equal(served, 0);
	MHD_stop_daemon(daemon);
}

static void
a_server_at_an_ipv6_address_is_asked_there(void **state)
{
	struct fetched *world = *state;
	struct MHD_Daemon *daemon = start(MHD_USE_IPv6);
	if (daemon == NULL) {
		print_message("this machine has no IPv6\n");
		skip();
	}
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* [::1] is this machine, too */
	fetch(world, "http", "[::1]", daemon, NULL);
	unsetenv("http_proxy");
	assert_int_equal(world->status, 200);
	assert_string_equal(world->body, "hello");
	MHD_stop_daemon(daemon);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_certificate_that_nobody_vouches_for_is_refused_and_named),
	    CASE(the_authority_that_was_named_vouches_and_no_other),
	    CASE(a_server_that_speaks_no_tls_is_no_answer_over_https),
	    CASE(a_server_at_an_ipv6_address_is_asked_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

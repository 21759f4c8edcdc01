/*
 * Echo and bulk over TLS by OpenSSL, driven by one epoll loop for the server and one for the clients: what the library
 * leaves to win. A BIO of our own hands OpenSSL the loop's buffers; a memory BIO would zero and copy them once more.
 * Load starts once every handshake is done. Idle: each client sends one message alone.
 *
 * raw_tls echo|bulk|idle CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW AUTHORITY.pem CERTIFICATE.pem KEY.pem
 */
#include "bench_common.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define MAX_EVENTS 256
/* Small messages are gathered up to this before a send; larger ones go alone, while their bytes are in the cache. */
#define GATHER (64 * 1024)

static bool bulk, idle;
static size_t size, read_size, in_flight;
static char *payload;
static atomic_bool stop, go;

struct connection {
    int fd;
    bool established;
    SSL *ssl;
    /* Ciphertext that the socket has not taken yet. */
    char *pending;
    size_t pending_offset, pending_length;
    /* Clients: bytes of the message that are back; messages encrypted and not yet sent; when they began. */
    size_t received, unsent;
    uint64_t started;
};

struct loop {
    struct counters counters;
    SSL_CTX *context;
    BIO_METHOD *bio_method;
    int epoll, wake;
    char *buffer, *plaintext;
    /* Of the connection being served: ciphertext that has arrived, in buffer; ciphertext to send. */
    size_t in_offset, in_length;
    char *out;
    size_t out_length, out_capacity;
    atomic_int established;
    /* Server only. */
    int listener;
    /* Client only. */
    struct connection *clients;
    int client_count;
    bool started;
};

static struct loop server, client;

static void die_ssl(const char *what) {
    fprintf(stderr, "%s: %s\n", what, ERR_reason_error_string(ERR_peek_last_error()));
    exit(1);
}

static int bio_read(BIO *bio, char *to, int length) {
    struct loop *loop = BIO_get_data(bio);
    size_t available = loop->in_length - loop->in_offset;
    BIO_clear_retry_flags(bio);
    if (available == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t count = available < (size_t)length ? available : (size_t)length;
    memcpy(to, loop->buffer + loop->in_offset, count);
    loop->in_offset += count;
    return (int)count;
}

static int bio_write(BIO *bio, const char *from, int length) {
    struct loop *loop = BIO_get_data(bio);
    if (loop->out_length + (size_t)length > loop->out_capacity) {
        loop->out_capacity = 2 * (loop->out_length + (size_t)length);
        if ((loop->out = realloc(loop->out, loop->out_capacity)) == NULL)
            die("realloc");
    }
    memcpy(loop->out + loop->out_length, from, (size_t)length);
    loop->out_length += (size_t)length;
    return length;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

/* Sends what there is room for; the count of bytes taken. */
static size_t send_some(struct connection *c, const char *data, size_t length) {
    ssize_t n = send(c->fd, data, length, MSG_NOSIGNAL);
    if (n < 0 && !would_block(n))
        die("send");
    return n < 0 ? 0 : (size_t)n;
}

/*
 * True once the socket has taken all that is encrypted. Called before the loop turns to another connection, as the out
 * buffer serves all.
 */
static bool flush_out(struct loop *loop, struct connection *c) {
    if (c->pending_length > 0) {
        size_t taken = send_some(c, c->pending + c->pending_offset, c->pending_length);
        c->pending_offset += taken;
        c->pending_length -= taken;
        if (c->pending_length > 0 && loop->out_length == 0)
            return false;
    }
    size_t taken = 0;
    if (loop->out_length > 0 && c->pending_length == 0)
        taken = send_some(c, loop->out, loop->out_length);
    size_t rest = loop->out_length - taken;
    if (rest > 0) {
        char *joined = malloc(c->pending_length + rest);
        if (joined == NULL)
            die("malloc");
        memcpy(joined, c->pending + c->pending_offset, c->pending_length);
        memcpy(joined + c->pending_length, loop->out + taken, rest);
        free(c->pending);
        c->pending = joined;
        c->pending_offset = 0;
        c->pending_length += rest;
    }
    loop->out_length = 0;
    return c->pending_length == 0;
}

static void encrypt(struct connection *c, const char *data, size_t length) {
    size_t written;
    /* The BIO takes everything. */
    if (SSL_write_ex(c->ssl, data, length, &written) != 1 || written != length)
        die_ssl("SSL_write");
}

static void received(struct loop *loop, struct connection *c, size_t length) {
    if (loop == &server) {
        if (bulk)
            bump(&loop->counters.bytes, length);
        else
            encrypt(c, loop->plaintext, length);
        return;
    }
    c->received += length;
    if (c->received < size)
        return;
    uint64_t now = now_ns();
    bump(&loop->counters.operations, 1);
    bump(&loop->counters.bytes, size);
    record_latency(&loop->counters, now - c->started);
    c->started = now;
    c->received = 0;
    if (!idle)
        encrypt(c, payload, size);
}

/* Decrypts what has arrived, and finishes the handshake on the way. */
static void process(struct loop *loop, struct connection *c) {
    if (!c->established) {
        int result = SSL_do_handshake(c->ssl);
        if (result != 1) {
            if (SSL_get_error(c->ssl, result) != SSL_ERROR_WANT_READ)
                die_ssl("handshake");
            return;
        }
        c->established = true;
        atomic_fetch_add(&loop->established, 1);
    }
    for (;;) {
        size_t length;
        int result = SSL_read_ex(c->ssl, loop->plaintext, read_size, &length);
        if (result != 1) {
            if (SSL_get_error(c->ssl, result) != SSL_ERROR_WANT_READ)
                die_ssl("SSL_read");
            return;
        }
        received(loop, c, length);
    }
}

static void readable(struct loop *loop, struct connection *c) {
    /* While the peer takes nothing, nothing is read from it; the edge of writability leads back here. */
    while (flush_out(loop, c)) {
        ssize_t n = recv(c->fd, loop->buffer, read_size, 0);
        if (would_block(n) || n == 0)
            return;
        if (n < 0)
            die("recv");
        loop->in_offset = 0;
        loop->in_length = (size_t)n;
        process(loop, c);
        if (!flush_out(loop, c) || (size_t)n < read_size)
            return;
    }
}

/* One send, then back to the loop, so that connections take turns: the subscription is level-triggered. */
static void bulk_writable(struct loop *loop, struct connection *c) {
    if (!flush_out(loop, c))
        return;
    uint64_t now = now_ns();
    for (; c->unsent > 0; c->unsent--)
        record_latency(&loop->counters, now - c->started);
    c->started = now;
    size_t gathered = 0;
    do {
        encrypt(c, payload, size);
        gathered += size;
        c->unsent++;
    } while (c->unsent < in_flight && gathered + size <= GATHER);
    flush_out(loop, c);
}

static void ready(struct loop *loop, struct connection *c, uint32_t events) {
    /* To a bulk client come the handshake and the session tickets, and then nothing. */
    if (!bulk || loop == &server || !c->established || (events & EPOLLIN))
        readable(loop, c);
    if (bulk && loop->started && (events & EPOLLOUT))
        bulk_writable(loop, c);
}

static void open_connection(struct loop *loop, struct connection *c, int fd) {
    c->fd = fd;
    c->ssl = SSL_new(loop->context);
    BIO *bio = BIO_new(loop->bio_method);
    if (c->ssl == NULL || bio == NULL)
        die_ssl("SSL_new");
    BIO_set_data(bio, loop);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio);
    if (loop == &server) {
        SSL_set_accept_state(c->ssl);
    } else {
        SSL_set_connect_state(c->ssl);
        if (SSL_set1_host(c->ssl, "localhost") != 1 || SSL_set_tlsext_host_name(c->ssl, "localhost") != 1)
            die_ssl("SSL_set1_host");
        loop->in_offset = loop->in_length = 0;
        process(loop, c);
        flush_out(loop, c);
    }
    watch(loop->epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET, c);
}

static void accept_all(struct loop *loop) {
    int fd;
    while ((fd = accept_connection(loop->listener)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        if (c == NULL)
            die("calloc");
        open_connection(loop, c, fd);
    }
}

static void start_clients(struct loop *loop) {
    loop->started = true;
    for (int i = 0; i < loop->client_count; i++) {
        struct connection *c = &loop->clients[i];
        c->started = now_ns();
        if (!bulk) {
            encrypt(c, payload, size);
            flush_out(loop, c);
            continue;
        }
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
        if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, c->fd, &event) != 0)
            die("epoll_ctl");
    }
}

static void *run(void *argument) {
    struct loop *loop = argument;
    struct epoll_event events[MAX_EVENTS];
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int count = epoll_wait(loop->epoll, events, MAX_EVENTS, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            void *data = events[i].data.ptr;
            eventfd_t ignored;
            if (data == &loop->listener)
                accept_all(loop);
            else if (data != &loop->wake)
                ready(loop, data, events[i].events);
            else if (eventfd_read(loop->wake, &ignored) == 0 && loop == &client && atomic_load(&go) && !loop->started)
                start_clients(loop);
        }
    }
    return NULL;
}

static void open_loop(struct loop *loop, const SSL_METHOD *method) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->epoll < 0 || loop->wake < 0)
        die("loop");
    loop->buffer = allocate_buffer(read_size);
    loop->plaintext = allocate_buffer(read_size);
    if ((loop->context = SSL_CTX_new(method)) == NULL)
        die_ssl("SSL_CTX_new");
    loop->bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "loop");
    if (loop->bio_method == NULL || BIO_meth_set_read(loop->bio_method, bio_read) != 1 ||
        BIO_meth_set_write(loop->bio_method, bio_write) != 1 || BIO_meth_set_ctrl(loop->bio_method, bio_ctrl) != 1)
        die_ssl("BIO_meth_new");
    SSL_CTX_set_read_ahead(loop->context, 1);
    watch(loop->epoll, loop->wake, EPOLLIN, &loop->wake);
}

static pthread_t server_thread, client_thread;

static void stop_loops(void) {
    end_loops(&stop, server.wake, server_thread, client.wake, client_thread);
}

int main(int argc, char **argv) {
    if (argc != 11) {
        fprintf(stderr, "raw_tls echo|bulk|idle CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW CA CERTIFICATE KEY\n");
        return 2;
    }
    bulk = strcmp(argv[1], "bulk") == 0;
    idle = strcmp(argv[1], "idle") == 0;
    int connections = atoi(argv[2]);
    size = (size_t)atoll(argv[3]);
    read_size = (size_t)atoll(argv[4]);
    in_flight = (size_t)atoi(argv[5]);
    double warmup = atof(argv[6]), window = atof(argv[7]);
    if (connections < 1 || size < 1 || read_size < 1 || in_flight < 1) {
        fprintf(stderr, "an argument is out of range\n");
        return 2;
    }
    raise_descriptor_limit();
    payload = allocate_buffer(size);
    open_loop(&server, TLS_server_method());
    open_loop(&client, TLS_client_method());
    if (SSL_CTX_load_verify_locations(client.context, argv[8], NULL) != 1 ||
        SSL_CTX_use_certificate_chain_file(server.context, argv[9]) != 1 ||
        SSL_CTX_use_PrivateKey_file(server.context, argv[10], SSL_FILETYPE_PEM) != 1)
        die_ssl("certificate");
    SSL_CTX_set_verify(client.context, SSL_VERIFY_PEER, NULL);

    client.client_count = connections;
    if ((client.clients = calloc((size_t)connections, sizeof *client.clients)) == NULL)
        die("calloc");
    struct sockaddr_in address;
    server.listener = listen_on_loopback(&address, 1);
    watch(server.epoll, server.listener, EPOLLIN, &server.listener);
    if ((errno = pthread_create(&server_thread, NULL, run, &server)) != 0)
        die("pthread_create");
    for (int i = 0; i < connections; i++)
        open_connection(&client, &client.clients[i], connect_to(&address));
    if ((errno = pthread_create(&client_thread, NULL, run, &client)) != 0)
        die("pthread_create");
    while (atomic_load(&server.established) < connections || atomic_load(&client.established) < connections)
        sleep_seconds(0.001);
    close(server.listener);
    atomic_store(&go, true);
    eventfd_write(client.wake, 1);
    if (idle)
        print_idle(&client.counters, connections);
    else
        measure_and_print(&server.counters, &client.counters, bulk, size, warmup, window, stop_loops);
    return 0;
}

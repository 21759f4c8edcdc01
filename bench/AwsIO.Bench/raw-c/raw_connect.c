/*
 * Connection after connection over plain TCP in C: connect, one message there and back, close. One thread with an epoll
 * loop for the server and one for the clients.
 *
 * raw_connect connect CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW ADDRESSES
 *
 * The server listens on as many addresses, from 127.0.0.1 on; IN_FLIGHT is for the other programs.
 */
#include "bench_common.h"

#define MAX_EVENTS 256
#define MAX_ADDRESSES 64

static size_t size, read_size;
static char *payload;
/* Stopping: no new connections. Stop: the loops end. */
static atomic_bool stopping, stop;

struct loop;

struct source {
    int fd;
    void (*ready)(struct loop *, struct source *);
};

struct server_connection {
    struct source source;
    struct rest rest;
};

struct client_connection {
    struct source source;
    const struct sockaddr_in *address;
    size_t sent, received;
    uint64_t started;
};

struct loop {
    struct counters counters;
    int epoll;
    struct source wake;
    char *buffer;
};

static struct loop server, client;
static struct source listeners[MAX_ADDRESSES];
static struct sockaddr_in addresses[MAX_ADDRESSES];
static atomic_int running, serving;
static pthread_t server_thread, client_thread;

static void do_nothing(struct loop *loop, struct source *source) {
    (void)loop;
    (void)source;
}

/* ---- server ----------------------------------------------------------------------------------------------------- */

static void server_ready(struct loop *loop, struct source *source) {
    struct server_connection *c = (struct server_connection *)source;
    while (flush_rest(source->fd, &c->rest)) {
        ssize_t n = recv(source->fd, loop->buffer, read_size, 0);
        if (would_block(n))
            return;
        if (n < 0)
            die("server recv");
        if (n == 0) {
            close(source->fd);
            free(c->rest.data);
            free(c);
            atomic_fetch_sub(&serving, 1);
            return;
        }
        send_or_keep(source->fd, &c->rest, loop->buffer, (size_t)n, read_size);
        /* A short read has drained the socket: no second call to learn that. */
        if ((size_t)n < read_size && c->rest.length == 0)
            return;
    }
}

static void accept_ready(struct loop *loop, struct source *source) {
    int fd;
    while ((fd = accept_connection(source->fd)) >= 0) {
        struct server_connection *c = calloc(1, sizeof *c);
        if (c == NULL)
            die("calloc");
        c->source = (struct source){.fd = fd, .ready = server_ready};
        atomic_fetch_add(&serving, 1);
        /* What has come already is reported by the subscription itself. */
        watch(loop->epoll, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c);
    }
}

/* ---- clients ---------------------------------------------------------------------------------------------------- */

static void begin(struct loop *loop, struct client_connection *c) {
    c->sent = c->received = 0;
    c->started = now_ns();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    c->source.fd = fd;
    set_no_delay(fd);
    if (connect(fd, (const struct sockaddr *)c->address, sizeof *c->address) != 0 && errno != EINPROGRESS)
        die("connect");
    watch(loop->epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET, c);
}

/* The first edge says that the connection stands: the message goes out. A connection that failed shows in the send. */
static void client_ready(struct loop *loop, struct source *source) {
    struct client_connection *c = (struct client_connection *)source;
    if (c->sent < size) {
        ssize_t n = send(source->fd, payload + c->sent, size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && !would_block(n) && errno != ENOTCONN)
            die("client send");
        c->sent += n < 0 ? 0 : (size_t)n;
        /* Nothing can be back before something is sent. */
        if (n == (ssize_t)size)
            return;
    }
    for (;;) {
        ssize_t n = recv(source->fd, loop->buffer, read_size, 0);
        if (would_block(n))
            return;
        if (n <= 0)
            die("client recv");
        c->received += (size_t)n;
        if (c->received == size)
            break;
        if ((size_t)n < read_size)
            return;
    }
    if (close(source->fd) != 0)
        die("close");
    bump(&loop->counters.operations, 1);
    bump(&loop->counters.bytes, size);
    record_latency(&loop->counters, now_ns() - c->started);
    if (atomic_load_explicit(&stopping, memory_order_relaxed))
        atomic_fetch_sub(&running, 1);
    else
        begin(loop, c);
}

/* ---- loops ------------------------------------------------------------------------------------------------------ */

static void *run(void *argument) {
    struct loop *loop = argument;
    struct epoll_event events[MAX_EVENTS];
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int count = epoll_wait(loop->epoll, events, MAX_EVENTS, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            struct source *source = events[i].data.ptr;
            source->ready(loop, source);
        }
    }
    return NULL;
}

static void open_loop(struct loop *loop) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = (struct source){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), .ready = do_nothing};
    loop->buffer = allocate_buffer(read_size);
    if (loop->epoll < 0 || loop->wake.fd < 0)
        die("loop");
    watch(loop->epoll, loop->wake.fd, EPOLLIN, &loop->wake);
}

static void stop_loops(void) {
    atomic_store(&stopping, true);
    while (atomic_load(&running) > 0 || atomic_load(&serving) > 0)
        sleep_seconds(0.001);
    end_loops(&stop, server.wake.fd, server_thread, client.wake.fd, client_thread);
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "raw_connect connect CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW ADDRESSES\n");
        return 2;
    }
    int connections = atoi(argv[2]), address_count = atoi(argv[8]);
    size = (size_t)atoll(argv[3]);
    read_size = (size_t)atoll(argv[4]);
    double warmup = atof(argv[6]), window = atof(argv[7]);
    if (connections < 1 || size < 1 || read_size < 1 || address_count < 1 || address_count > MAX_ADDRESSES) {
        fprintf(stderr, "an argument is out of range\n");
        return 2;
    }
    raise_descriptor_limit();
    payload = allocate_buffer(size);
    struct client_connection *clients = calloc((size_t)connections, sizeof *clients);
    if (clients == NULL)
        die("calloc");

    open_loop(&server);
    open_loop(&client);
    for (int i = 0; i < address_count; i++) {
        listeners[i] = (struct source){.fd = listen_on_loopback(&addresses[i], i + 1), .ready = accept_ready};
        watch(server.epoll, listeners[i].fd, EPOLLIN, &listeners[i]);
    }
    atomic_store(&running, connections);
    for (int i = 0; i < connections; i++) {
        clients[i].source.ready = client_ready;
        clients[i].address = &addresses[i % address_count];
        begin(&client, &clients[i]);
    }
    if ((errno = pthread_create(&server_thread, NULL, run, &server)) != 0 ||
        (errno = pthread_create(&client_thread, NULL, run, &client)) != 0)
        die("pthread_create");
    measure_and_print(&server.counters, &client.counters, false, size, warmup, window, stop_loops);
    return 0;
}

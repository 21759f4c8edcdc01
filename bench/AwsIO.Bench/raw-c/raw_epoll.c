/*
 * Echo and bulk over plain TCP in as little C as does the job: one thread with an epoll loop for the server and one
 * for the clients. It shows what the kernel leaves to win. Idle: each client sends one message alone. Fairness: each
 * sends one from time to time; with a firehose, one more sends as bulk does, on the same two loops.
 *
 * raw_epoll echo|bulk|idle|fairness CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW FIREHOSE INTERVAL
 *
 * FIREHOSE: the size of its messages, 0 for none. INTERVAL: seconds between the messages of a quiet connection.
 */
#include "bench_common.h"
#include <sys/timerfd.h>

#define MAX_EVENTS 256
#define MAX_IN_FLIGHT 64
#define FIREHOSE_READ_SIZE (256 * 1024)

static bool bulk, idle, fairness;
/* Of an echo message; of a bulk message. */
static size_t size, bulk_size;
static size_t read_size, bulk_read_size, in_flight;
static char *payload;
static atomic_bool stop;
/* What the server makes of the connections that come next. */
static atomic_bool accepts_bulk;

struct loop;

struct connection {
    int fd;
    void (*ready)(struct loop *, struct connection *);
    /* Echo server. */
    struct rest rest;
    /* Clients: how much of the message under way is sent; how much of it is back. */
    size_t sent, received;
    /* Echo: whether a message is not back yet, and when it was handed over. */
    bool under_way;
    uint64_t started;
    /* Bulk: the same of each message in flight. */
    uint64_t *starts;
    size_t head;
};

struct loop {
    struct counters counters;
    int epoll, wake;
    char *buffer;
    /* Bulk: where its bytes are counted. */
    struct counters *bulk_counters;
    /* Server only. */
    int listener;
    atomic_int accepted;
    /* Client only: the quiet connections, and when they are to send. */
    struct connection *clients;
    int client_count, timer;
    uint64_t first_tick, quiet_sent;
    double quiet_interval;
};

static struct loop server, client;

static void echo_server_ready(struct loop *loop, struct connection *c) {
    /* While the peer takes nothing, nothing is read from it; the edge of writability leads back here. */
    while (flush_rest(c->fd, &c->rest)) {
        ssize_t n = recv(c->fd, loop->buffer, read_size, 0);
        if (would_block(n) || n == 0)
            return;
        if (n < 0)
            die("server recv");
        send_or_keep(c->fd, &c->rest, loop->buffer, (size_t)n, read_size);
        /* A short read has drained the socket: no second call to learn that. */
        if ((size_t)n < read_size && c->rest.length == 0)
            return;
    }
}

static void bulk_server_ready(struct loop *loop, struct connection *c) {
    ssize_t n = recv(c->fd, loop->buffer, bulk_read_size, 0);
    if (n > 0)
        bump(&loop->bulk_counters->bytes, (uint64_t)n);
    else if (n < 0 && !would_block(n))
        die("server recv");
}

static void send_message(struct connection *c) {
    while (c->sent < size) {
        ssize_t n = send(c->fd, payload + c->sent, size - c->sent, MSG_NOSIGNAL);
        if (would_block(n))
            return;
        if (n < 0)
            die("client send");
        c->sent += (size_t)n;
    }
}

static void echo_client_ready(struct loop *loop, struct connection *c) {
    if (c->sent < size)
        send_message(c);
    for (;;) {
        ssize_t n = recv(c->fd, loop->buffer, read_size, 0);
        if (would_block(n))
            return;
        if (n <= 0)
            die("client recv");
        c->received += (size_t)n;
        if (c->received == size) {
            uint64_t now = now_ns();
            bump(&loop->counters.operations, 1);
            bump(&loop->counters.bytes, size);
            record_latency(&loop->counters, now - c->started);
            c->started = now;
            c->received = 0;
            c->under_way = !idle && !fairness;
            if (c->under_way) {
                c->sent = 0;
                send_message(c);
            }
        }
        if ((size_t)n < read_size)
            return;
    }
}

/* One gathered send of all messages in flight, then back to the loop, so that connections take turns. */
static void bulk_client_ready(struct loop *loop, struct connection *c) {
    struct iovec parts[MAX_IN_FLIGHT];
    for (size_t i = 0; i < in_flight; i++)
        parts[i] = (struct iovec){.iov_base = payload, .iov_len = bulk_size};
    parts[0].iov_base = payload + c->sent;
    parts[0].iov_len = bulk_size - c->sent;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = in_flight};
    ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (would_block(n))
        return;
    if (n < 0)
        die("client sendmsg");
    c->sent += (size_t)n;
    if (c->sent < bulk_size)
        return;
    uint64_t now = now_ns();
    for (; c->sent >= bulk_size; c->sent -= bulk_size) {
        record_latency(loop->bulk_counters, now - c->starts[c->head]);
        c->starts[c->head] = now;
        c->head = (c->head + 1) % in_flight;
    }
}

static void accept_all(struct loop *loop) {
    int fd;
    while ((fd = accept_connection(loop->listener)) >= 0) {
        struct connection *c = calloc(1, sizeof *c);
        if (c == NULL)
            die("calloc");
        bool is_bulk = atomic_load(&accepts_bulk);
        c->fd = fd;
        c->ready = is_bulk ? bulk_server_ready : echo_server_ready;
        /* Bulk is level-triggered: its handler leaves a full socket for the next turn. */
        watch(loop->epoll, fd, is_bulk ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLET, c);
        atomic_fetch_add(&loop->accepted, 1);
    }
}

/* Sends on the connections that are due since the last tick, once each: all of them take turns in each interval. */
static void tick(struct loop *loop) {
    uint64_t expirations;
    if (read(loop->timer, &expirations, sizeof expirations) < 0)
        return;
    uint64_t now = now_ns(), count = (uint64_t)loop->client_count;
    uint64_t due = (uint64_t)((double)(now - loop->first_tick) / 1e9 / loop->quiet_interval * (double)count);
    if (due > count && loop->quiet_sent < due - count)
        loop->quiet_sent = due - count;
    for (; loop->quiet_sent < due; loop->quiet_sent++) {
        struct connection *c = &loop->clients[loop->quiet_sent % count];
        if (c->under_way)
            continue;
        c->under_way = true;
        c->started = now_ns();
        c->sent = 0;
        send_message(c);
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
            if (data == &loop->listener)
                accept_all(loop);
            else if (data == &loop->timer)
                tick(loop);
            else if (data != &loop->wake)
                ((struct connection *)data)->ready(loop, data);
        }
    }
    return NULL;
}

static void open_loop(struct loop *loop) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->buffer = allocate_buffer(read_size > bulk_read_size ? read_size : bulk_read_size);
    loop->bulk_counters = &loop->counters;
    if (loop->epoll < 0 || loop->wake < 0)
        die("loop");
    watch(loop->epoll, loop->wake, EPOLLIN, &loop->wake);
}

/* Fairness: the timer alone starts a quiet client. Others begin when they are reported writable, which is at once. */
static void start_client(struct connection *c, bool is_bulk) {
    c->ready = is_bulk ? bulk_client_ready : echo_client_ready;
    c->started = now_ns();
    if (is_bulk) {
        if ((c->starts = calloc(in_flight, sizeof *c->starts)) == NULL)
            die("calloc");
        for (size_t k = 0; k < in_flight; k++)
            c->starts[k] = c->started;
    }
    /* A message that is sent already keeps a quiet client from sending until its tick. */
    c->under_way = is_bulk || !fairness;
    c->sent = c->under_way ? 0 : size;
    watch(client.epoll, c->fd, is_bulk ? EPOLLOUT : EPOLLIN | EPOLLOUT | EPOLLET, c);
}

static void wait_for_accepted(int count) {
    while (atomic_load(&server.accepted) < count)
        sleep_seconds(0.001);
}

static void start_quiet(int connections, double interval) {
    client.client_count = connections;
    client.quiet_interval = interval;
    client.first_tick = now_ns();
    client.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec each = {.it_value.tv_nsec = 1000000, .it_interval.tv_nsec = 1000000};
    if (client.timer < 0 || timerfd_settime(client.timer, 0, &each, NULL) != 0)
        die("timerfd");
    watch(client.epoll, client.timer, EPOLLIN, &client.timer);
}

static pthread_t server_thread, client_thread;

static void stop_loops(void) {
    end_loops(&stop, server.wake, server_thread, client.wake, client_thread);
}

int main(int argc, char **argv) {
    if (argc != 10) {
        fprintf(stderr, "raw_epoll echo|bulk|idle|fairness CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW FIREHOSE INTERVAL\n");
        return 2;
    }
    bulk = strcmp(argv[1], "bulk") == 0;
    idle = strcmp(argv[1], "idle") == 0;
    fairness = strcmp(argv[1], "fairness") == 0;
    int connections = atoi(argv[2]);
    size = (size_t)atoll(argv[3]);
    read_size = (size_t)atoll(argv[4]);
    in_flight = (size_t)atoi(argv[5]);
    double warmup = atof(argv[6]), window = atof(argv[7]);
    size_t firehose = (size_t)atoll(argv[8]);
    if (connections < 1 || size < 1 || read_size < 1 || in_flight < 1 || in_flight > MAX_IN_FLIGHT) {
        fprintf(stderr, "an argument is out of range\n");
        return 2;
    }
    bulk_size = bulk ? size : firehose;
    bulk_read_size = bulk ? read_size : FIREHOSE_READ_SIZE;
    raise_descriptor_limit();
    payload = allocate_buffer(size > bulk_size ? size : bulk_size);
    struct connection *clients = calloc((size_t)connections + 1, sizeof *clients);
    if (clients == NULL)
        die("calloc");
    client.clients = clients;

    open_loop(&server);
    open_loop(&client);
    struct sockaddr_in address;
    server.listener = listen_on_loopback(&address, 1);
    atomic_store(&accepts_bulk, bulk);
    watch(server.epoll, server.listener, EPOLLIN, &server.listener);
    if ((errno = pthread_create(&server_thread, NULL, run, &server)) != 0)
        die("pthread_create");
    for (int i = 0; i < connections; i++)
        clients[i].fd = connect_to(&address);
    wait_for_accepted(connections);
    for (int i = 0; i < connections; i++)
        start_client(&clients[i], bulk);
    if (fairness)
        start_quiet(connections, atof(argv[9]));
    if (firehose > 0) {
        static struct counters firehose_counters;
        server.bulk_counters = &firehose_counters;
        static struct counters ignored;
        client.bulk_counters = &ignored;
        beside = &firehose_counters;
        atomic_store(&accepts_bulk, true);
        clients[connections].fd = connect_to(&address);
        wait_for_accepted(connections + 1);
        start_client(&clients[connections], true);
    }
    close(server.listener);
    if ((errno = pthread_create(&client_thread, NULL, run, &client)) != 0)
        die("pthread_create");
    if (idle)
        print_idle(&client.counters, connections);
    else
        measure_and_print(&server.counters, &client.counters, bulk, size, warmup, window, stop_loops);
    return 0;
}

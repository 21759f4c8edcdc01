/*
 * Echo and bulk over plain TCP in as little C as does the job: one thread with an epoll loop for the server and one
 * for the clients. It shows what the kernel leaves to win.
 *
 * raw_epoll echo|bulk CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP_SECONDS WINDOW_SECONDS
 */
#include "bench_common.h"

#define MAX_EVENTS 256
#define MAX_IN_FLIGHT 64

static bool bulk;
static size_t size, read_size, in_flight;
static char *payload;
static atomic_bool stop;

struct connection {
    int fd;
    /* Echo server: bytes read that the socket has not taken yet. */
    char *pending;
    size_t pending_offset, pending_length;
    /* Clients: how much of the message under way is sent; how much of it is back. */
    size_t sent, received;
    /* When each message in flight was handed over; echo uses the first alone. */
    uint64_t started[MAX_IN_FLIGHT];
    size_t head;
};

struct loop {
    struct counters counters;
    int epoll, wake;
    char *buffer;
    /* Server only. */
    int listener;
    atomic_int accepted;
};

static struct loop server, client;

static bool would_block(ssize_t n) {
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Sends what there is room for and keeps the rest. */
static void echo_back(struct loop *loop, struct connection *c, size_t length) {
    ssize_t n = send(c->fd, loop->buffer, length, MSG_NOSIGNAL);
    if (n == (ssize_t)length)
        return;
    if (n < 0 && !would_block(n))
        die("server send");
    size_t taken = n < 0 ? 0 : (size_t)n;
    if (c->pending == NULL && (c->pending = malloc(read_size)) == NULL)
        die("malloc");
    memcpy(c->pending, loop->buffer + taken, length - taken);
    c->pending_offset = 0;
    c->pending_length = length - taken;
}

static bool flush_pending(struct connection *c) {
    while (c->pending_length > 0) {
        ssize_t n = send(c->fd, c->pending + c->pending_offset, c->pending_length, MSG_NOSIGNAL);
        if (would_block(n))
            return false;
        if (n < 0)
            die("server send");
        c->pending_offset += (size_t)n;
        c->pending_length -= (size_t)n;
    }
    return true;
}

static void echo_server_ready(struct loop *loop, struct connection *c) {
    /* While the peer takes nothing, nothing is read from it; the edge of writability leads back here. */
    while (flush_pending(c)) {
        ssize_t n = recv(c->fd, loop->buffer, read_size, 0);
        if (would_block(n) || n == 0)
            return;
        if (n < 0)
            die("server recv");
        echo_back(loop, c, (size_t)n);
        /* A short read has drained the socket: no second call to learn that. */
        if ((size_t)n < read_size && c->pending_length == 0)
            return;
    }
}

static void bulk_server_ready(struct loop *loop, struct connection *c) {
    ssize_t n = recv(c->fd, loop->buffer, read_size, 0);
    if (n > 0)
        bump(&loop->counters.bytes, (uint64_t)n);
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
            record_latency(&loop->counters, now - c->started[0]);
            c->started[0] = now;
            c->received = c->sent = 0;
            send_message(c);
        }
        if ((size_t)n < read_size)
            return;
    }
}

/* One gathered send of all messages in flight, then back to the loop, so that connections take turns. */
static void bulk_client_ready(struct loop *loop, struct connection *c) {
    struct iovec parts[MAX_IN_FLIGHT];
    for (size_t i = 0; i < in_flight; i++)
        parts[i] = (struct iovec){.iov_base = payload, .iov_len = size};
    parts[0].iov_base = payload + c->sent;
    parts[0].iov_len = size - c->sent;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = in_flight};
    ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
    if (would_block(n))
        return;
    if (n < 0)
        die("client sendmsg");
    c->sent += (size_t)n;
    if (c->sent < size)
        return;
    uint64_t now = now_ns();
    for (; c->sent >= size; c->sent -= size) {
        record_latency(&loop->counters, now - c->started[c->head]);
        c->started[c->head] = now;
        c->head = (c->head + 1) % in_flight;
    }
}

static void accept_all(struct loop *loop) {
    for (;;) {
        int fd = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EAGAIN)
                return;
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            die("accept4");
        }
        set_no_delay(fd);
        struct connection *c = calloc(1, sizeof *c);
        if (c == NULL)
            die("calloc");
        c->fd = fd;
        /* Bulk is level-triggered: its handler leaves a full socket for the next turn. */
        watch(loop->epoll, fd, bulk ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLET, c);
        atomic_fetch_add(&loop->accepted, 1);
    }
}

static void *run(void *argument) {
    struct loop *loop = argument;
    void (*ready)(struct loop *, struct connection *) =
        loop == &server ? (bulk ? bulk_server_ready : echo_server_ready)
                        : (bulk ? bulk_client_ready : echo_client_ready);
    struct epoll_event events[MAX_EVENTS];
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int count = epoll_wait(loop->epoll, events, MAX_EVENTS, -1);
        if (count < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < count; i++) {
            void *data = events[i].data.ptr;
            if (data == &loop->listener)
                accept_all(loop);
            else if (data != &loop->wake)
                ready(loop, data);
        }
    }
    return NULL;
}

static void open_loop(struct loop *loop) {
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->buffer = allocate_buffer(read_size);
    if (loop->epoll < 0 || loop->wake < 0)
        die("loop");
    watch(loop->epoll, loop->wake, EPOLLIN, &loop->wake);
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fprintf(stderr, "raw_epoll echo|bulk CONNECTIONS SIZE READ_SIZE IN_FLIGHT WARMUP WINDOW\n");
        return 2;
    }
    bulk = strcmp(argv[1], "bulk") == 0;
    int connections = atoi(argv[2]);
    size = (size_t)atoll(argv[3]);
    read_size = (size_t)atoll(argv[4]);
    in_flight = (size_t)atoi(argv[5]);
    double warmup = atof(argv[6]), window = atof(argv[7]);
    if (connections < 1 || size < 1 || read_size < 1 || in_flight < 1 || in_flight > MAX_IN_FLIGHT) {
        fprintf(stderr, "an argument is out of range\n");
        return 2;
    }
    raise_descriptor_limit();
    payload = allocate_buffer(size);
    struct connection *clients = calloc((size_t)connections, sizeof *clients);
    if (clients == NULL)
        die("calloc");

    open_loop(&server);
    open_loop(&client);
    struct sockaddr_in address;
    server.listener = listen_on_loopback(&address);
    watch(server.epoll, server.listener, EPOLLIN, &server.listener);
    pthread_t server_thread, client_thread;
    if ((errno = pthread_create(&server_thread, NULL, run, &server)) != 0)
        die("pthread_create");
    for (int i = 0; i < connections; i++)
        clients[i].fd = connect_to(&address);
    while (atomic_load(&server.accepted) < connections)
        sleep_seconds(0.001);
    close(server.listener);

    /* A new subscription is reported writable at once: that starts each client. */
    for (int i = 0; i < connections; i++) {
        for (size_t k = 0; k < in_flight; k++)
            clients[i].started[k] = now_ns();
        watch(client.epoll, clients[i].fd, bulk ? EPOLLOUT : EPOLLIN | EPOLLOUT | EPOLLET, &clients[i]);
    }
    if ((errno = pthread_create(&client_thread, NULL, run, &client)) != 0)
        die("pthread_create");
    measure_and_print(&server.counters, &client.counters, bulk, size, warmup, window);

    atomic_store(&stop, true);
    eventfd_write(server.wake, 1);
    eventfd_write(client.wake, 1);
    pthread_join(client_thread, NULL);
    pthread_join(server_thread, NULL);
    return 0;
}

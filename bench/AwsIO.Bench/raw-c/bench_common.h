/*
 * What the C peers share: a latency histogram, counters that one loop writes and the main thread reads, loopback
 * connections, and the JSON line that the benchmark reads.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Log-linear: 64 buckets for each power of two of nanoseconds, up to 2^41. */
#define SUB_BITS 6
#define SUB_COUNT (1 << SUB_BITS)
#define HIGHEST_BIT 40
#define BUCKETS ((HIGHEST_BIT - SUB_BITS + 2) * SUB_COUNT)

/* One writer, so a relaxed load and store is enough, and costs a plain addition. */
struct counters {
    _Alignas(128) _Atomic uint64_t operations;
    _Atomic uint64_t bytes;
    _Atomic uint64_t latency[BUCKETS];
};

struct snapshot {
    uint64_t operations, bytes, latency[BUCKETS];
};

static inline void bump(_Atomic uint64_t *counter, uint64_t by) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

static inline void record_latency(struct counters *counters, uint64_t ns) {
    size_t index = ns;
    if (ns >= SUB_COUNT) {
        int highest = 63 - __builtin_clzll(ns);
        if (highest > HIGHEST_BIT) {
            highest = HIGHEST_BIT;
            ns = (UINT64_C(2) << HIGHEST_BIT) - 1;
        }
        int shift = highest - SUB_BITS;
        index = (size_t)(shift + 1) * SUB_COUNT + (size_t)((ns >> shift) - SUB_COUNT);
    }
    bump(&counters->latency[index], 1);
}

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

/*
 * At the start of a page. The kernel's copy into a buffer that begins a few bytes into a page runs at half the speed
 * (measured: bulk with 256 KiB reads, which malloc places 16 bytes in), and a limit must not depend on malloc's luck.
 */
static inline void *allocate_buffer(size_t bytes) {
    void *buffer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (buffer == NULL)
        die("aligned_alloc");
    memset(buffer, 'x', bytes);
    return buffer;
}

static void add_counters(struct snapshot *to, struct counters *from) {
    to->operations += atomic_load_explicit(&from->operations, memory_order_relaxed);
    to->bytes += atomic_load_explicit(&from->bytes, memory_order_relaxed);
    for (size_t i = 0; i < BUCKETS; i++)
        to->latency[i] += atomic_load_explicit(&from->latency[i], memory_order_relaxed);
}

static double quantile_us(const struct snapshot *s, double fraction) {
    uint64_t total = 0, seen = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        total += s->latency[i];
    for (size_t i = 0; i < BUCKETS; i++) {
        seen += s->latency[i];
        if (total > 0 && (double)seen >= fraction * (double)total && seen > 0) {
            if (i < SUB_COUNT)
                return (double)i / 1e3;
            int shift = (int)(i / SUB_COUNT) - 1;
            uint64_t lowest = (uint64_t)(SUB_COUNT + i % SUB_COUNT) << shift;
            return ((double)lowest + (double)(UINT64_C(1) << shift) / 2) / 1e3;
        }
    }
    return 0;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void sleep_seconds(double seconds) {
    struct timespec t = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

/* Operations so far. */
static inline uint64_t count_operations(struct counters *counters) {
    return atomic_load_explicit(&counters->operations, memory_order_relaxed);
}

/* What the kernel counts as this process's memory in use. The sum over all mappings is exact. */
static inline long resident_bytes(void) {
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    long kib = 0;
    if (file == NULL)
        die("smaps_rollup");
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Rss: %ld kB", &kib) == 1)
            break;
    fclose(file);
    return kib * 1024;
}

/* Waits until each connection has echoed, and prints the memory half a second later. */
static inline void print_idle(struct counters *client, int connections) {
    while (count_operations(client) < (uint64_t)connections)
        sleep_seconds(0.02);
    sleep_seconds(0.5);
    printf("{\"operations\":%d,\"memory\":{\"resident\":%ld}}\n", connections, resident_bytes());
    fflush(stdout);
}

/* Bytes of a load beside the measured one, which has counters of its own; NULL for none. */
static struct counters *beside;

static inline uint64_t count_beside(void) {
    return beside == NULL ? 0 : atomic_load_explicit(&beside->bytes, memory_order_relaxed);
}

/* Warms up, watches both loops for the window, stops them, and prints the figures. */
static inline void measure_and_print(struct counters *server, struct counters *client, bool bulk, size_t size, double warmup,
                              double window, void (*stop_all)(void)) {
    static struct snapshot first, last;
    sleep_seconds(warmup);
    double cpu = cpu_seconds();
    add_counters(&first, server);
    add_counters(&first, client);
    uint64_t beside_bytes = count_beside();
    uint64_t started = now_ns();
    sleep_seconds(window);
    add_counters(&last, server);
    add_counters(&last, client);
    double seconds = (double)(now_ns() - started) / 1e9;
    cpu = cpu_seconds() - cpu;
    beside_bytes = count_beside() - beside_bytes;
    last.operations -= first.operations;
    last.bytes -= first.bytes;
    for (size_t i = 0; i < BUCKETS; i++)
        last.latency[i] -= first.latency[i];
    stop_all();
    printf("{\"operations\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"besideBytes\":%" PRIu64
           ",\"totalOperations\":%" PRIu64 ",\"seconds\":%.6f,\"cpuSeconds\":%.6f,"
           "\"latency\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n",
           bulk ? last.bytes / size : last.operations, last.bytes, beside_bytes,
           count_operations(server) + count_operations(client), seconds, cpu, quantile_us(&last, 0.5),
           quantile_us(&last, 0.9), quantile_us(&last, 0.99), quantile_us(&last, 0.999), quantile_us(&last, 1));
    fflush(stdout);
}

static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* host: the last number of 127.0.0.x. */
static inline int listen_on_loopback(struct sockaddr_in *address, int host) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t length = sizeof *address;
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + (uint32_t)host);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, length) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &length) != 0)
        die("listen");
    return fd;
}

static inline void set_no_delay(int fd) {
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        die("TCP_NODELAY");
}

/* Connects while blocking, which loopback makes short; reads and writes never block. */
static inline int connect_to(const struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        die("connect");
    set_no_delay(fd);
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        die("O_NONBLOCK");
    return fd;
}

static inline void watch(int epoll, int fd, uint32_t events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll_ctl");
}

static inline bool would_block(ssize_t n) {
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* A connection that waits, without delay; -1 once none does. */
static inline int accept_connection(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            set_no_delay(fd);
            return fd;
        }
        if (errno == EAGAIN)
            return -1;
        if (errno != EINTR && errno != ECONNABORTED)
            die("accept4");
    }
}

/* Bytes to be echoed that the socket has not taken yet. */
struct rest {
    char *data;
    size_t offset, length;
};

static inline bool flush_rest(int fd, struct rest *rest) {
    while (rest->length > 0) {
        ssize_t n = send(fd, rest->data + rest->offset, rest->length, MSG_NOSIGNAL);
        if (would_block(n))
            return false;
        if (n < 0)
            die("server send");
        rest->offset += (size_t)n;
        rest->length -= (size_t)n;
    }
    return true;
}

/* Sends what there is room for and keeps the rest, which is at most as long as one read. */
static inline void send_or_keep(int fd, struct rest *rest, const char *data, size_t length, size_t read_size) {
    ssize_t n = send(fd, data, length, MSG_NOSIGNAL);
    if (n == (ssize_t)length)
        return;
    if (n < 0 && !would_block(n))
        die("server send");
    size_t taken = n < 0 ? 0 : (size_t)n;
    if (rest->data == NULL && (rest->data = malloc(read_size)) == NULL)
        die("malloc");
    memcpy(rest->data, data + taken, length - taken);
    rest->offset = 0;
    rest->length = length - taken;
}

/* Ends both loops, each of which has a descriptor that wakes it. */
static inline void end_loops(atomic_bool *stop, int server_wake, pthread_t server, int client_wake, pthread_t client) {
    atomic_store(stop, true);
    eventfd_write(server_wake, 1);
    eventfd_write(client_wake, 1);
    pthread_join(client, NULL);
    pthread_join(server, NULL);
}

#endif

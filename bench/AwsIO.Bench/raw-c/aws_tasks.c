/*
 * The scheduling and timers of aws-c-io itself, driven as the bench drives AwsIO's; prints one figure.
 *
 * usage: aws_tasks schedule THREADS | latency PER_MILLE | batches | chain | insert | cancel | fire
 */
#define _GNU_SOURCE
#include <aws/common/clock.h>
#include <aws/common/task_scheduler.h>
#include <aws/io/event_loop.h>
#include <aws/io/io.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SENDS = 4000000, RING = 16 * 1024, ROUNDS = 3000, BATCH = 1000, BATCHES = 10000, LINKS = 500000, TIMERS = 1000000 };

static struct aws_event_loop *s_loop;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static double rate(uint64_t operations, uint64_t from) {
    return (double)operations * 1000 / (double)(now() - from);
}

/* The same numbers in each run. */
static uint64_t next_random(void) {
    static uint64_t state = 1;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* ---- from other threads ---------------------------------------------------------------------------------------- */

struct item {
    struct aws_task task;
    _Atomic int under_way;
};

static _Atomic long s_count;
static pthread_barrier_t s_start;
static long s_sends_each;

static void run_item(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)task;
    (void)status;
    struct item *item = argument;
    atomic_store_explicit(&item->under_way, 0, memory_order_release);
    atomic_store_explicit(&s_count, atomic_load_explicit(&s_count, memory_order_relaxed) + 1, memory_order_release);
}

static void *send_items(void *argument) {
    (void)argument;
    struct item *ring = calloc(RING, sizeof(struct item));
    for (int i = 0; i < RING; i++) {
        aws_task_init(&ring[i].task, run_item, &ring[i], "item");
    }

    pthread_barrier_wait(&s_start);
    for (long sent = 0; sent < s_sends_each; sent++) {
        struct item *item = &ring[sent & (RING - 1)];
        while (atomic_load_explicit(&item->under_way, memory_order_acquire)) {
            sched_yield();
        }

        atomic_store_explicit(&item->under_way, 1, memory_order_release);
        aws_event_loop_schedule_task_now(s_loop, &item->task);
    }

    return NULL;
}

static double schedule(int threads) {
    pthread_t senders[16];
    s_sends_each = SENDS / threads;
    pthread_barrier_init(&s_start, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++) {
        pthread_create(&senders[i], NULL, send_items, NULL);
    }

    pthread_barrier_wait(&s_start);
    uint64_t from = now();
    for (int i = 0; i < threads; i++) {
        pthread_join(senders[i], NULL);
    }

    while (atomic_load(&s_count) < s_sends_each * threads) {
        sched_yield();
    }

    return rate(SENDS, from);
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double latency(int per_mille) {
    static double times[ROUNDS];
    static struct item item;
    aws_task_init(&item.task, run_item, &item, "item");
    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t until = now() + 200000; now() < until;) {
        }

        atomic_store(&item.under_way, 1);
        uint64_t from = now();
        aws_event_loop_schedule_task_now(s_loop, &item.task);
        while (atomic_load_explicit(&item.under_way, memory_order_acquire)) {
            __builtin_ia32_pause();
        }

        times[round] = (double)(now() - from) / 1000;
    }

    qsort(times, ROUNDS, sizeof(double), compare);
    return times[(long)per_mille * (ROUNDS - 1) / 1000];
}

/* ---- on the loop ------------------------------------------------------------------------------------------------ */

static pthread_mutex_t s_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_signal = PTHREAD_COND_INITIALIZER;
static int s_is_done;
static double s_figure;
static uint64_t s_from;
static long s_left;
static struct aws_task *s_tasks;

static void finish(double figure) {
    pthread_mutex_lock(&s_lock);
    s_figure = figure;
    s_is_done = 1;
    pthread_cond_signal(&s_signal);
    pthread_mutex_unlock(&s_lock);
}

static double wait_on_loop(aws_task_fn *run, void *argument) {
    static struct aws_task task;
    aws_task_init(&task, run, argument, "start");
    s_from = now();
    aws_event_loop_schedule_task_now(s_loop, &task);
    pthread_mutex_lock(&s_lock);
    while (!s_is_done) {
        pthread_cond_wait(&s_signal, &s_lock);
    }

    pthread_mutex_unlock(&s_lock);
    return s_figure;
}

static void do_nothing(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)task;
    (void)argument;
    (void)status;
}

static void make_tasks(int count) {
    s_tasks = calloc((size_t)count, sizeof(struct aws_task));
    for (int i = 0; i < count; i++) {
        aws_task_init(&s_tasks[i], do_nothing, NULL, "task");
    }
}

static void run_batch(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)argument;
    (void)status;
    if (s_left-- == 0) {
        finish(rate((uint64_t)BATCH * BATCHES, s_from));
        return;
    }

    for (int i = 0; i < BATCH; i++) {
        aws_event_loop_schedule_task_now(s_loop, &s_tasks[i]);
    }

    aws_event_loop_schedule_task_now(s_loop, task);
}

static void run_link(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)argument;
    (void)status;
    if (s_left-- == 0) {
        finish(rate(LINKS, s_from));
        return;
    }

    aws_event_loop_schedule_task_now(s_loop, task);
}

/* ---- timers ----------------------------------------------------------------------------------------------------- */

static void finish_fire(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)task;
    (void)argument;
    (void)status;
    finish(rate(TIMERS, s_from));
}

static void run_timers(struct aws_task *task, void *argument, enum aws_task_status status) {
    (void)task;
    (void)status;
    const char *phase = argument;
    static uint64_t delays[TIMERS];
    static int order[TIMERS];
    for (int i = 0; i < TIMERS; i++) {
        delays[i] = next_random() % (3600ull * 1000000000u);
        order[i] = i;
    }

    for (int i = TIMERS - 1; i > 0; i--) {
        int other = (int)(next_random() % (uint64_t)(i + 1));
        int kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }

    uint64_t start;
    aws_event_loop_current_clock_time(s_loop, &start);
    start += 500000000u;
    uint64_t part = strcmp(phase, "fire") == 0 ? 3600 : 1;
    uint64_t from = now();
    for (int i = 0; i < TIMERS; i++) {
        aws_event_loop_schedule_task_future(s_loop, &s_tasks[i], start + delays[i] / part);
    }

    double inserted = rate(TIMERS, from);
    if (strcmp(phase, "insert") == 0) {
        finish(inserted);
        return;
    }

    if (strcmp(phase, "cancel") == 0) {
        from = now();
        for (int i = 0; i < TIMERS; i++) {
            aws_event_loop_cancel_task(s_loop, &s_tasks[order[i]]);
        }

        finish(rate(TIMERS, from));
        return;
    }

    /* Once all timers are due, the loop's next tick runs them, and then this one, which is due last. */
    static struct aws_task last;
    usleep(1600000);
    aws_task_init(&last, finish_fire, NULL, "last");
    aws_event_loop_current_clock_time(s_loop, &start);
    s_from = now();
    aws_event_loop_schedule_task_future(s_loop, &last, start);
}

int main(int count, char **arguments) {
    if (count < 2) {
        fputs("usage: aws_tasks schedule THREADS | latency PER_MILLE | batches | chain | insert | cancel | fire\n", stderr);
        return 2;
    }

    struct aws_allocator *allocator = aws_default_allocator();
    aws_io_library_init(allocator);
    struct aws_event_loop_group_options options = {.loop_count = 1};
    struct aws_event_loop_group *group = aws_event_loop_group_new(allocator, &options);
    s_loop = aws_event_loop_group_get_loop_at(group, 0);

    const char *mode = arguments[1];
    int figure = count > 2 ? atoi(arguments[2]) : 1;
    double result;
    if (strcmp(mode, "schedule") == 0) {
        result = schedule(figure);
    } else if (strcmp(mode, "latency") == 0) {
        result = latency(figure);
    } else if (strcmp(mode, "batches") == 0) {
        make_tasks(BATCH);
        s_left = BATCHES;
        result = wait_on_loop(run_batch, NULL);
    } else if (strcmp(mode, "chain") == 0) {
        s_left = LINKS;
        result = wait_on_loop(run_link, NULL);
    } else {
        make_tasks(TIMERS);
        result = wait_on_loop(run_timers, (void *)mode);
    }

    printf("%.4f\n", result);
    fflush(stdout);

    /* What is still scheduled would only be cancelled: the process ends here. */
    _exit(0);
}

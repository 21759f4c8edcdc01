/*
 * Echo and connect of aws-c-io itself: channels with a socket handler and one of ours, made by its bootstraps; one loop
 * for the server and one for the clients.
 *
 * aws_channels echo|connect CONNECTIONS SIZE WARMUP WINDOW ADDRESSES
 */
#include "bench_common.h"

#include <aws/io/channel.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/io.h>
#include <aws/io/socket.h>

#define MAX_ADDRESSES 64

static struct aws_allocator *allocator;
static struct aws_client_bootstrap *client_bootstrap;
static struct aws_socket_options socket_options = {
    .type = AWS_SOCKET_STREAM,
    .domain = AWS_SOCKET_IPV4,
    .connect_timeout_ms = 3000,
    .tcp_nodelay = AWS_SOCKET_TCP_NODELAY_ON,
};
static struct aws_socket_endpoint endpoints[MAX_ADDRESSES];
static struct counters server_counters, client_counters;
static bool again;
static size_t size;
static char *payload;
static atomic_bool stopping;
static atomic_int running;

/* One of the connections that exist at the same time. */
struct client {
    const struct aws_socket_endpoint *endpoint;
    struct aws_channel *channel;
    size_t received;
    uint64_t started;
};

static void die_aws(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, aws_error_name(error));
    exit(1);
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

static int server_read(struct aws_channel_handler *handler, struct aws_channel_slot *slot, struct aws_io_message *message) {
    (void)handler;
    aws_channel_slot_increment_read_window(slot, message->message_data.len);
    return aws_channel_slot_send_message(slot, message, AWS_CHANNEL_DIR_WRITE);
}

static void send_message(struct client *client, struct aws_channel_slot *slot) {
    for (size_t sent = 0; sent < size;) {
        struct aws_io_message *message =
            aws_channel_acquire_message_from_pool(slot->channel, AWS_IO_MESSAGE_APPLICATION_DATA, size - sent);
        size_t room = message->message_data.capacity;
        size_t part = size - sent < room ? size - sent : room;
        aws_byte_buf_write(&message->message_data, (const uint8_t *)payload + sent, part);
        sent += part;
        if (aws_channel_slot_send_message(slot, message, AWS_CHANNEL_DIR_WRITE) != AWS_OP_SUCCESS) {
            aws_mem_release(message->allocator, message);
            aws_channel_shutdown(client->channel, aws_last_error());
            return;
        }
    }
}

static int client_read(struct aws_channel_handler *handler, struct aws_channel_slot *slot, struct aws_io_message *message) {
    struct client *client = handler->impl;
    size_t length = message->message_data.len;
    aws_channel_slot_increment_read_window(slot, length);
    aws_mem_release(message->allocator, message);
    client->received += length;
    if (client->received < size)
        return AWS_OP_SUCCESS;
    if (!again) {
        aws_channel_shutdown(client->channel, AWS_ERROR_SUCCESS);
        return AWS_OP_SUCCESS;
    }
    uint64_t now = now_ns();
    bump(&client_counters.operations, 1);
    bump(&client_counters.bytes, size);
    record_latency(&client_counters, now - client->started);
    client->started = now;
    client->received = 0;
    send_message(client, slot);
    return AWS_OP_SUCCESS;
}

static int pass_window(struct aws_channel_handler *handler, struct aws_channel_slot *slot, size_t bytes) {
    (void)handler;
    return aws_channel_slot_increment_read_window(slot, bytes);
}

static int pass_shutdown(struct aws_channel_handler *handler, struct aws_channel_slot *slot,
                         enum aws_channel_direction direction, int error, bool immediately) {
    (void)handler;
    return aws_channel_slot_on_handler_shutdown_complete(slot, direction, error, immediately);
}

static size_t initial_window(struct aws_channel_handler *handler) {
    (void)handler;
    return 1024 * 1024;
}

static size_t no_overhead(struct aws_channel_handler *handler) {
    (void)handler;
    return 0;
}

static void destroy(struct aws_channel_handler *handler) {
    aws_mem_release(handler->alloc, handler);
}

static struct aws_channel_handler_vtable server_functions = {
    .process_read_message = server_read,
    .increment_read_window = pass_window,
    .shutdown = pass_shutdown,
    .initial_window_size = initial_window,
    .message_overhead = no_overhead,
    .destroy = destroy,
};

static struct aws_channel_handler_vtable client_functions = {
    .process_read_message = client_read,
    .increment_read_window = pass_window,
    .shutdown = pass_shutdown,
    .initial_window_size = initial_window,
    .message_overhead = no_overhead,
    .destroy = destroy,
};

static struct aws_channel_slot *add_handler(struct aws_channel *channel, struct aws_channel_handler_vtable *functions,
                                            void *impl) {
    struct aws_channel_handler *handler = aws_mem_calloc(allocator, 1, sizeof *handler);
    *handler = (struct aws_channel_handler){.vtable = functions, .alloc = allocator, .impl = impl};
    struct aws_channel_slot *slot = aws_channel_slot_new(channel);
    if (aws_channel_slot_insert_end(channel, slot) != AWS_OP_SUCCESS ||
        aws_channel_slot_set_handler(slot, handler) != AWS_OP_SUCCESS)
        die_aws("handler", aws_last_error());
    return slot;
}

/* ---- bootstraps ------------------------------------------------------------------------------------------------- */

static void on_incoming(struct aws_server_bootstrap *bootstrap, int error, struct aws_channel *channel, void *data) {
    (void)bootstrap;
    (void)data;
    if (error)
        die_aws("accept", error);
    add_handler(channel, &server_functions, NULL);
}

static void on_server_shutdown(struct aws_server_bootstrap *bootstrap, int error, struct aws_channel *channel, void *data) {
    (void)bootstrap;
    (void)error;
    (void)channel;
    (void)data;
}

static void begin(struct client *client);

static void on_setup(struct aws_client_bootstrap *bootstrap, int error, struct aws_channel *channel, void *data) {
    (void)bootstrap;
    struct client *client = data;
    if (error)
        die_aws("connect", error);
    client->channel = channel;
    struct aws_channel_slot *slot = add_handler(channel, &client_functions, client);
    if (again)
        client->started = now_ns();
    send_message(client, slot);
}

static void on_shutdown(struct aws_client_bootstrap *bootstrap, int error, struct aws_channel *channel, void *data) {
    (void)bootstrap;
    (void)channel;
    struct client *client = data;
    if (client->received < size || error)
        die_aws("shutdown", error);
    bump(&client_counters.operations, 1);
    bump(&client_counters.bytes, size);
    record_latency(&client_counters, now_ns() - client->started);
    if (atomic_load_explicit(&stopping, memory_order_relaxed))
        atomic_fetch_sub(&running, 1);
    else
        begin(client);
}

static void begin(struct client *client) {
    client->received = 0;
    client->started = now_ns();
    struct aws_socket_channel_bootstrap_options options = {
        .bootstrap = client_bootstrap,
        .host_name = client->endpoint->address,
        .port = client->endpoint->port,
        .socket_options = &socket_options,
        .setup_callback = on_setup,
        .shutdown_callback = on_shutdown,
        .enable_read_back_pressure = true,
        .user_data = client,
    };
    if (aws_client_bootstrap_new_socket_channel(&options) != AWS_OP_SUCCESS)
        die_aws("connect", aws_last_error());
}

/* Connections come to an end; then the process does, with its loops. */
static void stop_cycles(void) {
    atomic_store(&stopping, true);
    while (!again && atomic_load(&running) > 0)
        sleep_seconds(0.001);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "aws_channels echo|connect CONNECTIONS SIZE WARMUP WINDOW ADDRESSES\n");
        return 2;
    }
    again = strcmp(argv[1], "echo") == 0;
    int connections = atoi(argv[2]), address_count = atoi(argv[6]);
    size = (size_t)atoll(argv[3]);
    if (connections < 1 || size < 1 || address_count < 1 || address_count > MAX_ADDRESSES) {
        fprintf(stderr, "an argument is out of range\n");
        return 2;
    }
    raise_descriptor_limit();
    payload = allocate_buffer(size);
    allocator = aws_default_allocator();
    aws_io_library_init(allocator);
    struct aws_event_loop_group_options one = {.loop_count = 1};
    struct aws_event_loop_group *server_group = aws_event_loop_group_new(allocator, &one);
    struct aws_event_loop_group *client_group = aws_event_loop_group_new(allocator, &one);
    struct aws_host_resolver_default_options resolver_options = {.max_entries = MAX_ADDRESSES, .el_group = client_group};
    struct aws_client_bootstrap_options bootstrap_options = {
        .event_loop_group = client_group,
        .host_resolver = aws_host_resolver_new_default(allocator, &resolver_options),
    };
    client_bootstrap = aws_client_bootstrap_new(allocator, &bootstrap_options);

    for (int i = 0; i < address_count; i++) {
        char host[32];
        snprintf(host, sizeof host, "127.0.0.%d", i + 1);
        struct aws_server_socket_channel_bootstrap_options options = {
            .bootstrap = aws_server_bootstrap_new(allocator, server_group),
            .host_name = host,
            .socket_options = &socket_options,
            .incoming_callback = on_incoming,
            .shutdown_callback = on_server_shutdown,
            .enable_read_back_pressure = true,
        };
        struct aws_socket *listener = aws_server_bootstrap_new_socket_listener(&options);
        if (listener == NULL || aws_socket_get_bound_address(listener, &endpoints[i]) != AWS_OP_SUCCESS)
            die_aws("listen", aws_last_error());
    }

    struct client *clients = calloc((size_t)connections, sizeof *clients);
    if (clients == NULL)
        die("calloc");
    atomic_store(&running, connections);
    for (int i = 0; i < connections; i++) {
        clients[i].endpoint = &endpoints[i % address_count];
        begin(&clients[i]);
    }
    measure_and_print(&server_counters, &client_counters, false, size, atof(argv[4]), atof(argv[5]), stop_cycles);

    /* What is still there belongs to loops that go on: the process ends here. */
    _exit(0);
}

using AwsIO.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace AwsIO.Tests.EventLoops;

public class LocalObjectTests : LoopTest
{
    private static readonly object s_key = new();

    private readonly RecordingLoggerFactory _logs = new(LogLevel.Error);
    private readonly List<string> _removed = [];

    protected override ILoggerFactory LoggerFactory => _logs;

    [Fact]
    public async Task What_was_never_kept_is_not_found() => await Loop.Call(() =>
    {
        Assert.False(Loop.TryGetLocal(s_key, out string? value));
        Assert.Null(value);
        Assert.False(Loop.RemoveLocal(s_key));
        Assert.False(Loop.TryTakeLocal(s_key, out value));
        Assert.Null(value);
    });

    [Fact]
    public async Task What_is_kept_is_found_by_its_very_key_and_type_alone() => await Loop.Call(() =>
    {
        Loop.SetLocal(s_key, "one", _removed.Add);
        Loop.SetLocal("key", "two", _removed.Add);
        Assert.True(Loop.TryGetLocal(s_key, out string? value));
        Assert.Equal("one", value);
        Assert.True(Loop.TryGetLocal("key", out value));
        Assert.Equal("two", value);

        // An equal object is another key.
        Assert.False(Loop.TryGetLocal(new string("key"), out value));
        Assert.False(Loop.RemoveLocal(new string("key")));
        Assert.False(Loop.TryGetLocal(s_key, out Version? version));
        Assert.Null(version);
        Assert.False(Loop.TryTakeLocal(s_key, out version));
        Assert.True(Loop.TryGetLocal(s_key, out value));
        Assert.Empty(_removed);
    });

    [Fact]
    public async Task What_takes_anothers_place_does_not_call_its_callback() => await Loop.Call(() =>
    {
        Loop.SetLocal(s_key, "old", _removed.Add);
        Loop.SetLocal(s_key, "new", value => _removed.Add($"{value} by its own"));
        Assert.True(Loop.TryGetLocal(s_key, out string? value));
        Assert.Equal("new", value);
        Assert.Empty(_removed);

        // Once only, and it has gone by then.
        Assert.True(Loop.RemoveLocal(s_key));
        Assert.False(Loop.RemoveLocal(s_key));
        Assert.Equal(["new by its own"], _removed);
    });

    [Fact]
    public async Task What_is_taken_is_the_callers_without_a_callback() => await Loop.Call(() =>
    {
        Loop.SetLocal(s_key, "mine", _removed.Add);
        Assert.True(Loop.TryTakeLocal(s_key, out string? value));
        Assert.Equal("mine", value);
        Assert.False(Loop.TryGetLocal(s_key, out value));
        Assert.False(Loop.RemoveLocal(s_key));
        Assert.Empty(_removed);
    });

    [Fact]
    public async Task A_callback_may_be_missing_and_may_keep_another_under_the_same_key() => await Loop.Call(() =>
    {
        Loop.SetLocal(s_key, "silent");
        Assert.True(Loop.RemoveLocal(s_key));
        Loop.SetLocal(s_key, "first", _ => Loop.SetLocal(s_key, "second"));
        Assert.True(Loop.RemoveLocal(s_key));
        Assert.True(Loop.TryGetLocal(s_key, out string? value));
        Assert.Equal("second", value);
    });

    [Fact]
    public async Task A_callback_that_throws_throws_to_whoever_removes_and_the_object_has_gone() => await Loop.Call(() =>
    {
        Loop.SetLocal(s_key, "bad", static _ => throw new FormatException("on purpose"));
        Assert.Throws<FormatException>(() => Loop.RemoveLocal(s_key));
        Assert.False(Loop.RemoveLocal(s_key));
    });

    [Fact]
    public void From_another_thread_every_call_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Loop.SetLocal(s_key, "x"));
        Assert.Throws<InvalidOperationException>(() => Loop.TryGetLocal(s_key, out string? _));
        Assert.Throws<InvalidOperationException>(() => Loop.TryTakeLocal(s_key, out string? _));
        Assert.Throws<InvalidOperationException>(() => Loop.RemoveLocal(s_key));
    }

    [Fact]
    public async Task Nothing_is_no_key_and_no_object() => await Loop.Call(() =>
    {
        Assert.Throws<ArgumentNullException>(() => Loop.SetLocal(null!, "x"));
        Assert.Throws<ArgumentNullException>(() => Loop.SetLocal<string>(s_key, null!));
        Assert.Throws<ArgumentNullException>(() => Loop.TryGetLocal(null!, out string? _));
        Assert.Throws<ArgumentNullException>(() => Loop.TryTakeLocal(null!, out string? _));
        Assert.Throws<ArgumentNullException>(() => Loop.RemoveLocal(null!));
    });

    [Fact]
    public async Task What_is_left_at_the_loops_end_is_removed_on_the_loop_after_its_tasks()
    {
        RecordingTask timer = new((_, _) => _removed.Add(Loop.TryGetLocal(s_key, out string? value) ? $"task sees {value}" : "gone"));
        List<EventLoop?> loops = [];
        await Loop.Call(() =>
        {
            Loop.SetLocal(s_key, "left", value =>
            {
                loops.Add(EventLoop.Current);
                _removed.Add(value);
            });
            Loop.SetLocal(new object(), "silent");
            Loop.SetLocal("replaced", "old", _removed.Add);
            Loop.SetLocal("replaced", "new");
            Loop.ScheduleAfter(timer, TimeSpan.FromHours(1));
        });
        await Group.DisposeAsync().Within();

        Assert.Equal(["task sees left", "left"], _removed);
        Assert.Same(Loop, Assert.Single(loops));
    }

    [Fact]
    public async Task At_the_end_a_callback_that_throws_keeps_no_other_from_being_called()
    {
        await Loop.Call(() =>
        {
            Loop.SetLocal("a", "bad", static _ => throw new FormatException("on purpose"));
            Loop.SetLocal("b", "good", _removed.Add);
        });
        await Group.DisposeAsync().Within();
        Assert.Equal(["good"], _removed);
        Assert.IsType<FormatException>(Assert.Single(_logs.Lines).Exception);
    }

    [Fact]
    public async Task At_the_end_what_callbacks_schedule_and_keep_is_cancelled_and_removed_too()
    {
        RecordingTask now = new();
        RecordingTask later = new((_, _) => Loop.SetLocal("by task", "third", _removed.Add));
        await Loop.Call(() => Loop.SetLocal(s_key, "first", value =>
        {
            _removed.Add(value);
            Loop.SetLocal("by callback", "second", _removed.Add);
            Loop.Schedule(now);
            Loop.ScheduleAfter(later, TimeSpan.FromHours(1));
        }));
        await Group.DisposeAsync().Within();

        Assert.Equal("first", _removed[0]);
        Assert.Equal(["first", "second", "third"], _removed.Order());
        Assert.Equal(IoTaskStatus.Canceled, await now.Called.Within());
        Assert.Equal(IoTaskStatus.Canceled, await later.Called.Within());
        Assert.Same(Loop, now.CalledOn);
        Assert.Same(Loop, later.CalledOn);
    }

    [Fact]
    public async Task Callbacks_that_keep_another_object_without_end_keep_no_loop_from_ending()
    {
        int calls = 0;
        void Again(string value)
        {
            calls++;
            Loop.SetLocal(s_key, value, Again);
        }

        await Loop.Call(() => Loop.SetLocal(s_key, "again", Again));
        await Group.DisposeAsync().Within();
        Assert.InRange(calls, 2, 2000);
    }

    [Fact]
    public async Task Each_loop_has_its_own()
    {
        await using EventLoopGroup other = Backend.NewGroup();
        await Loop.Call(() => Loop.SetLocal(s_key, "here"));
        Assert.False(await other[0].Call(() => other[0].TryGetLocal(s_key, out string? _)));
    }
}

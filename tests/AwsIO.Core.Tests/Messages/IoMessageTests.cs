using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Messages;

public sealed class IoMessageTests : LoopTest
{
    [Fact]
    public async Task Data_is_filled_behind_what_is_there_and_never_beyond_the_capacity() =>
        await Loop.Call(() =>
        {
            IoMessage message = Rent(5);
            Assert.Equal(3, message.Append([1, 2, 3]));
            message.FreeSpace[0] = 4;
            message.Advance(1);
            Assert.Equal(1, message.Append([5, 6]));
            Assert.Equal(0, message.Append([7]));
            Assert.Equal([1, 2, 3, 4, 5], message.Data.ToArray());
            Assert.Equal([1, 2, 3, 4, 5], message.Memory.ToArray());
            Assert.Throws<ArgumentOutOfRangeException>(() => message.Advance(1));
            Assert.Throws<ArgumentOutOfRangeException>(() => message.Advance(-1));
            message.Clear();
            Assert.Equal(5, message.FreeSpace.Length);
            message.Release();
        });

    [Fact]
    public async Task The_completion_is_told_once_with_the_error_and_the_message_goes_back_after_it() =>
        await Loop.Call(() =>
        {
            List<(IoError Error, object? State)> told = [];
            IoMessage message = Rent(5);
            message.OnCompleted(
                (completed, error, state) =>
                {
                    Assert.Same(message, completed);
                    Assert.Equal(1, LoopMessagePool.Of(Loop).Outstanding);
                    told.Add((error, state));
                },
                "state");
            Assert.Throws<InvalidOperationException>(() => message.OnCompleted(static (_, _, _) => { }, null));
            message.Complete(IoErrorCode.SocketClosed);
            Assert.Equal([(new IoError(IoErrorCode.SocketClosed), "state")], told);
            Assert.Equal(0, LoopMessagePool.Of(Loop).Outstanding);
        });

    [Fact]
    public async Task A_completion_that_throws_gives_the_message_back_all_the_same() =>
        await Loop.Call(() =>
        {
            IoMessage message = Rent(5);
            message.OnCompleted(static (_, _, _) => throw new FormatException("on purpose"), null);
            Assert.Throws<FormatException>(() => message.Complete(IoError.None));
            Assert.Equal(0, LoopMessagePool.Of(Loop).Outstanding);
        });

    [Fact]
    public async Task A_completion_moves_to_the_message_that_carries_the_data_on() =>
        await Loop.Call(() =>
        {
            int told = 0;
            IoMessage plain = Rent(5);
            IoMessage encrypted = Rent(50);
            plain.OnCompleted((completed, _, _) =>
            {
                Assert.Same(encrypted, completed);
                told++;
            }, null);
            plain.MoveCompletionTo(encrypted);
            Assert.False(plain.HasCompletion);
            plain.Complete(IoError.None);
            Assert.Equal(0, told);
            encrypted.Complete(IoError.None);
            Assert.Equal(1, told);
        });

    private IoMessage Rent(int size) => LoopMessagePool.Of(Loop).Rent(IoMessageKind.ApplicationData, size);
}

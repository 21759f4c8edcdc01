namespace AwsIO;

/// <summary>The library as a whole. Nothing needs to be called here for it to work.</summary>
public static class IoLibrary
{
    /// <summary>
    /// Does nothing (<c>aws_io_library_init</c>): what the library needs of the system is loaded when it is first used. It is here for code
    /// that is carried over from upstream. Any thread, any number of times.
    /// </summary>
    public static void Initialize()
    {
    }

    /// <summary>
    /// Waits until every thread of the library has left (<c>aws_io_library_clean_up</c>, which joins its threads): those of loops, of
    /// groups that end, of resolvers. It ends none of them: dispose of groups and resolvers first. Afterwards the library can be used as
    /// before.
    /// </summary>
    /// <remarks>
    /// Any thread but the library's own. Nobody has to wait: no thread of the library keeps a process alive. The loops of
    /// <see cref="EventLoopGroup.Shared"/> never leave, and a look-up that hangs in the system keeps its thread until it is answered.
    /// </remarks>
    /// <param name="timeout">
    /// How long at most; zero only looks. <see cref="Timeout.InfiniteTimeSpan"/>, and anything longer than the clock can count such as
    /// <see cref="TimeSpan.MaxValue"/>, means without end.
    /// </param>
    /// <returns>Whether none is left.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative, and not the infinite one.</exception>
    /// <exception cref="InvalidOperationException">The caller is on a thread of the library, which would wait for itself.</exception>
    public static bool WaitForThreads(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }

        EventLoop.Current?.ThrowIfOnLoop("wait for the threads of the library");
        if (ManagedThreads.IsCurrent)
        {
            throw new InvalidOperationException(
                $"The thread '{Thread.CurrentThread.Name}' is the library's own and would wait for itself: wait on another thread.");
        }

        return ManagedThreads.WaitForAll(timeout);
    }
}

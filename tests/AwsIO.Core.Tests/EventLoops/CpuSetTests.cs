namespace AwsIO.Tests.EventLoops;

public sealed class CpuSetTests
{
    [Theory]
    [InlineData("0", "0", 1)]
    [InlineData("0-3,8", "0-3,8", 5)]
    [InlineData("8,0-3", "0-3,8", 5)]
    [InlineData("1,0", "0-1", 2)]
    [InlineData("2-4,3-5,4", "2-5", 4)]
    [InlineData(" 7 , 9-9\n", "7,9", 2)]
    [InlineData("4095", "4095", 1)]
    public void A_list_is_read_in_any_order_and_written_as_the_system_writes_it(string text, string written, int count)
    {
        CpuSet cpus = CpuSet.Parse(text);
        Assert.Equal(written, cpus.ToString());
        Assert.Equal(count, cpus.Count);
        Assert.Equal(cpus.Order().Distinct(), cpus);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1,,2")]
    [InlineData("1,")]
    [InlineData("-1")]
    [InlineData("3-")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("1 2")]
    [InlineData("+1")]
    [InlineData("4096")]
    [InlineData("0-99999999999")]
    [InlineData("0x1")]
    [InlineData("\u0661")]
    public void What_is_no_list_is_refused(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => CpuSet.Parse(text));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_set_is_what_is_read_of_what_it_writes()
    {
        Random random = new(5);
        for (int i = 0; i < 500; i++)
        {
            SortedSet<int> numbers = [];
            for (int size = random.Next(1, 60); numbers.Count < size;)
            {
                numbers.Add(random.Next(i % 2 == 0 ? 80 : 4096));
            }

            int[] mixed = [.. numbers, numbers.Min];
            random.Shuffle(mixed);
            CpuSet cpus = new(mixed);

            Assert.Equal(numbers, cpus);
            Assert.Equal(numbers.Count, cpus.Count);
            Assert.Equal(numbers, Enumerable.Range(0, cpus.Count).Select(index => cpus[index]));
            CpuSet read = CpuSet.Parse(cpus.ToString());
            Assert.Equal(cpus.GetHashCode(), read.GetHashCode());
            Assert.True(cpus.Equals(read) && read.Equals((object)cpus));

            // No two numbers that follow each other stand apart.
            string[] parts = cpus.ToString().Split(',');
            for (int part = 1; part < parts.Length; part++)
            {
                int end = int.Parse(parts[part - 1].Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture);
                int next = int.Parse(parts[part].Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(next > end + 1);
            }
        }
    }

    [Fact]
    public void Sets_are_equal_when_they_have_the_same_processors()
    {
        CpuSet cpus = new(1, 2, 3);
        Assert.True(cpus.Equals(new CpuSet([3, 2, 1, 1])));
        foreach (CpuSet other in new[] { new CpuSet(1, 2), new CpuSet(1, 2, 4), new CpuSet(1, 2, 3, 4) })
        {
            Assert.False(cpus.Equals(other));
        }

        Assert.False(cpus.Equals(null));
        Assert.False(cpus.Equals("1-3"));
    }

    [Fact]
    public void A_set_of_nothing_and_numbers_that_no_system_has_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new CpuSet());
        Assert.Throws<ArgumentNullException>(static () => new CpuSet((IEnumerable<int>)null!));
        Assert.Contains("-7", Assert.Throws<ArgumentException>(static () => new CpuSet(3, -7)).Message, StringComparison.Ordinal);
        Assert.Contains("4096", Assert.Throws<ArgumentException>(static () => new CpuSet(0, 4096)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_that_is_kept_on_one_processor_sees_those_of_the_process_all_the_same()
    {
        CpuSet all = CpuSet.Available;
        Assert.True(all.Count >= Environment.ProcessorCount);
        CpuSet? own = null;
        CpuSet? ofProcess = null;
        IoError error = IoErrorCode.Unknown;
        Thread thread = new(() =>
        {
            error = new CpuSet(all[0]).PinThisThread();
            (own, ofProcess) = (CpuSet.OfThisThread(), CpuSet.Available);
        });
        thread.Start();
        thread.Join();

        Assert.Equal(IoError.None, error);
        Assert.Equal(new CpuSet(all[0]), own);
        Assert.Equal(all, ofProcess);
    }
}

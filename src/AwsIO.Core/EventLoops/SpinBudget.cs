namespace AwsIO;

/// <summary>Decides how long a loop looks for more before it sleeps. Loop thread only.</summary>
/// <remarks>
/// Adaptive: what is spun in vain is paid from an allowance that grows by a twentieth of the time that goes by, and each miss in a row
/// doubles the number of sleeps that follow without a spin. So a loop whose events come rarely soon stops trying, tries now and then
/// whether that has changed, and a loop whose events come quickly finds each spin to pay. A hit pays for as much as a sleep and a wake-up
/// would have taken; what it took beyond that comes from the allowance too. A share below 1 bounds all that is spun, whatever comes of it,
/// by a second allowance of the same kind.
/// </remarks>
internal struct SpinBudget
{
    private const int AllowanceShare = 20;
    private const int MaxMisses = 8;

    // Nanoseconds from an event until a sleeping loop has it, about as measured.
    private const long WakeUpTime = 20_000;

    private readonly SpinMode _mode;
    private readonly long _longest;
    private readonly long _maxAllowance;
    private readonly double _share;
    private long _allowance;
    private long _lastTime;
    private double _shareLeft;
    private long _lastShareTime;
    private int _misses;
    private int _skip;

    /// <summary>Makes a budget.</summary>
    /// <param name="mode">The kind; off where the process has one processor only, as what is waited for could not run meanwhile.</param>
    /// <param name="longest">The longest spin, in nanoseconds.</param>
    /// <param name="share">How much of the time may be spun at most: above 0, up to 1.</param>
    internal SpinBudget(SpinMode mode, long longest, double share)
    {
        _mode = longest <= 0 || Environment.ProcessorCount < 2 ? SpinMode.Off : mode;
        _longest = longest;
        _maxAllowance = 20 * longest;
        _allowance = _maxAllowance;
        _share = share;
        _shareLeft = _maxAllowance;
    }

    internal readonly bool IsOff => _mode == SpinMode.Off;

    /// <summary>How long to spin before the sleep that is to begin now; 0 for not at all.</summary>
    internal long Next(long now)
    {
        if (_share < 1 && !HasShareLeft(now))
        {
            return 0;
        }

        if (_mode != SpinMode.Adaptive)
        {
            return _mode == SpinMode.Fixed ? _longest : 0;
        }

        if (_skip > 0)
        {
            _skip--;
            return 0;
        }

        _allowance = Math.Min(_maxAllowance, _allowance + ((now - _lastTime) / AllowanceShare));
        _lastTime = now;
        return _allowance >= _longest ? _longest : 0;
    }

    /// <summary>Something came while the loop span.</summary>
    internal void NoteHit(long spun)
    {
        _shareLeft -= spun;
        _allowance -= Math.Max(0, spun - WakeUpTime);
        _misses = 0;
    }

    /// <summary>Nothing came.</summary>
    internal void NoteMiss(long spun)
    {
        _shareLeft -= spun;
        _allowance -= spun;
        _misses = Math.Min(_misses + 1, MaxMisses);
        _skip = (1 << _misses) - 1;
    }

    private bool HasShareLeft(long now)
    {
        // Not whole nanoseconds: a small share of a short while is less than one.
        _shareLeft = Math.Min(_maxAllowance, _shareLeft + ((now - _lastShareTime) * _share));
        _lastShareTime = now;
        return _shareLeft >= _longest;
    }
}

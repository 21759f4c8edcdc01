namespace AwsIO;

/// <summary>Why a task is called (<c>aws_task_status</c>).</summary>
public enum IoTaskStatus
{
    /// <summary>Its time has come: run (<c>AWS_TASK_STATUS_RUN_READY</c>).</summary>
    Run = 0,

    /// <summary>It was cancelled, or its loop is ending: only let go of what it holds (<c>AWS_TASK_STATUS_CANCELED</c>).</summary>
    Canceled = 1,
}

#!/usr/bin/env bash
# Builds everything and runs every test. The last line says how many passed, failed and were skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'EOF'
usage: ./test.sh [--fast | --stress | --torture] [--filter TEXT] [--repeat N] [--help]

  --fast         .NET 10 only, without AwsIO.Interop.Tests and without slow tests
                 (xunit: trait Category=Slow; Expecto: below a list called "slow")
  --stress       .NET 10 only, and nothing but the races, most of eight threads and a million rounds
                 each (xunit: trait Category=Stress, explicit tests): some minutes
  --torture      .NET 10 only: each scenario once for each native call that can fail, for each
                 way in which it can (EMFILE, ENOMEM, ECONNABORTED, EPIPE, ...); then the contract
                 tests (sockets, pipes, loops, channels, TLS) once for each call that can be
                 interrupted, come short, or find nothing to do, and once for each that can fail,
                 with which a test may fail, but must not crash, hang or leave anything; then the
                 whole suites of AwsIO.Core and AwsIO.Tasks with interrupted, short and blocked
                 calls (docs/faults.md): meant to stay below an hour on two quiet processors
  --filter TEXT  only tests with TEXT in their full names, whatever the case
  --repeat N     the whole selection up to N times, until one run fails
  --help         this text

Results: artifacts/test-results/*.xml   Logs: artifacts/logs/*.log
Environment: TEST_TIMEOUT=SECONDS for one test program (900; with --stress 600 for all together);
NO_INSTALL=1 installs no program;
AWSIO_TORTURE_REPLAY='tcp-echo recv:3=ENOMEM' has --torture run that scenario under that plan alone.
EOF
}

fast=0 stress=0 torture=0 filter='' repeat=1
while [[ $# -gt 0 ]]; do
    case $1 in
        --fast) fast=1 ;;
        --stress) stress=1 ;;
        --torture) torture=1 ;;
        --filter | --repeat)
            [[ $# -ge 2 ]] || { echo "test.sh: $1 wants a value" >&2; exit 2; }
            if [[ $1 == --filter ]]; then filter=$2; else repeat=$2; fi
            shift ;;
        --filter=*) filter=${1#*=} ;;
        --repeat=*) repeat=${1#*=} ;;
        -h | --help) usage; exit 0 ;;
        *) echo "test.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
[[ $((fast + stress + torture)) -le 1 ]] || { echo "test.sh: --fast, --stress and --torture exclude each other" >&2; exit 2; }
only_net10=$((fast + stress + torture))
[[ $repeat =~ ^[1-9][0-9]*$ ]] || { echo "test.sh: --repeat wants a positive number, not '$repeat'" >&2; exit 2; }

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' bold=$'\e[1m' off=$'\e[0m'
else
    red='' green='' yellow='' bold='' off=''
fi

say() { printf '%s\n' "${bold}==> $*${off}"; }
warn() { printf '%s\n' "${yellow}$*${off}"; }
die() { printf '%s\n' "${red}test.sh: $*${off}" >&2; exit 1; }

xunit_projects=(AwsIO.Core.Tests AwsIO.Tasks.Tests)
[[ $only_net10 == 1 ]] || xunit_projects+=(AwsIO.Interop.Tests)
expecto_projects=(AwsIO.FSharp.Tests)
projects=("${xunit_projects[@]}")
[[ $stress == 1 ]] || projects+=("${expecto_projects[@]}")

results=artifacts/test-results
logs=artifacts/logs

# ---- what the machine must have ----------------------------------------------------------------------------------

check_sdk() {
    local wanted found
    wanted=$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' global.json | head -n 1)
    command -v dotnet > /dev/null ||
        die "no 'dotnet' on the PATH. Install the .NET SDK $wanted or later (dotnet.microsoft.com/download)."
    found=$(dotnet --version 2> /dev/null) ||
        die "the .NET SDK $wanted or later (10.0) is needed. Installed: $(dotnet --list-sdks | cut -d' ' -f1 | xargs)"
    say ".NET SDK $found"
}

# program=Debian package
peers=(openssl=openssl curl=curl nc=netcat-openbsd ip=iproute2 nft=nftables)

install_peers() {
    local pair programs=() packages=()
    for pair in "${peers[@]}"; do
        if ! command -v "${pair%%=*}" > /dev/null; then
            programs+=("${pair%%=*}")
            packages+=("${pair#*=}")
        fi
    done
    [[ ${#programs[@]} -gt 0 ]] || return 0

    if [[ -z ${NO_INSTALL:-} && $(id -u) == 0 ]] && command -v apt-get > /dev/null; then
        say "installing ${packages[*]}"
        if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } \
            > "$logs/apt.log" 2>&1; then
            echo "installed ${packages[*]}"
            return 0
        fi
        warn "apt-get failed; see $logs/apt.log"
    fi
    warn "missing: ${programs[*]}. The tests that need them will be skipped."
}

runtime_id() {
    local os=linux arch
    case $(uname -s) in
        Darwin) os=osx ;;
        Linux) if ls /lib/ld-musl-* > /dev/null 2>&1; then os=linux-musl; fi ;;
    esac
    case $(uname -m) in
        arm64 | aarch64) arch=arm64 ;;
        *) arch=x64 ;;
    esac
    echo "$os-$arch"
}

# ---- building ----------------------------------------------------------------------------------------------------

# logged NAME COMMAND...: output to a log, the errors of which are shown when it fails
logged() {
    local name=$1
    shift
    if ! "$@" > "$logs/$name.log" 2>&1; then
        { grep -E '(error|warning) [A-Z]+[0-9]+|^error' "$logs/$name.log" | sort -u | head -n 60; } ||
            tail -n 40 "$logs/$name.log"
        printf '%s\n' "${red}test.sh: $name failed; see $logs/$name.log${off}" >&2
        echo "0 passed, 1 failed, 0 skipped"
        exit 1
    fi
}

build() {
    if [[ $fast == 1 || $torture == 1 ]]; then
        say "building the tests for .NET 10"
        logged build dotnet msbuild tests/programs.proj -t:Net10 -m -v:m -nologo
        return
    fi

    if [[ $stress == 1 ]]; then
        local project
        for project in "${projects[@]}"; do
            say "building $project for .NET 10"
            logged "build-$project" dotnet build "tests/$project" -c Release -f net10.0 -v m --nologo
        done
        return
    fi

    say "building AwsIO.sln"
    logged build dotnet build AwsIO.sln -c Release -v m --nologo
    say "publishing the tests with a .NET 8 runtime ($rid)"
    logged publish dotnet msbuild tests/programs.proj -t:Net8 -p:Rid="$rid" -m -v:m -nologo
}

# ---- running -----------------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0
seconds=${TEST_TIMEOUT:-$((stress == 1 ? 600 : 900))}
timeout_program=''
for program in gtimeout timeout; do
    ! command -v "$program" > /dev/null || timeout_program=$program
done

attribute() { grep -o "<assembly [^>]*" "$1" | head -n 1 | sed -n "s/.* $2=\"\([0-9]*\)\".*/\1/p"; }
count() { { grep -o "$2" "$1" || true; } | wc -l | tr -d ' '; }

# run NAME PROGRAM KIND ARGUMENTS...: NAME is project-framework, and names the log and the result file
run() {
    execute "$@"
    judge "$1" "$2" "$3"
}

# execute NAME PROGRAM KIND ARGUMENTS...: leaves code and seconds beside the log, for judge
execute() {
    local name=$1 program=$2 log=$logs/$1.log code=0 start=$SECONDS limit=$seconds with_timeout=()
    shift 3
    rm -f "$results/$name.xml" "$log.end"
    [[ -x $program ]] || return 0

    # The races have their time all together, other programs each its own.
    [[ $stress == 0 ]] || limit=$((seconds - (SECONDS - run_started)))
    [[ $limit -gt 0 ]] || limit=1
    [[ -z $timeout_program ]] || with_timeout=("$timeout_program" --kill-after=10 "$limit")
    "${with_timeout[@]+"${with_timeout[@]}"}" "$program" "$@" > "$log" 2>&1 < /dev/null || code=$?
    sed $'s/\e\\[[0-9;]*m//g' "$log" > "$log.plain" && mv "$log.plain" "$log"
    echo "$code $((SECONDS - start)) $limit" > "$log.end"
}

# judge NAME PROGRAM KIND
judge() {
    local name=$1 program=$2 kind=$3 log=$logs/$1.log xml=$results/$1.xml code took limit p=0 f=0 s=0
    if [[ ! -x $program ]]; then
        echo "${red}FAILED${off} $name: $program was not built"
        failed=$((failed + 1))
        return
    fi

    # Without it, who ran the program was killed.
    code=137 took=0 limit=$seconds
    if [[ -s $log.end ]]; then
        read -r code took limit < "$log.end"
        rm -f "$log.end"
    fi
    if [[ -s $xml && $kind == xunit ]]; then
        p=$(attribute "$xml" passed)
        f=$(($(attribute "$xml" failed) + $(attribute "$xml" errors)))
        s=$(attribute "$xml" skipped)
    elif [[ -s $xml ]]; then
        f=$(($(count "$xml" '<failure') + $(count "$xml" '<error')))
        s=$(count "$xml" '<skipped')
        p=$(($(count "$xml" '<testcase') - f - s))
    elif [[ $kind == xunit && $code == 0 ]] && grep -q 'Total: 0' "$log"; then
        : # nothing was selected: no result file
    elif [[ $code == 0 ]]; then
        code=1
    fi

    passed=$((passed + p)) skipped=$((skipped + s)) failed=$((failed + f))
    if [[ $code == 0 && $f == 0 ]]; then
        echo "${green}ok${off}    $name: $p passed, $s skipped ($took s)"
        return
    fi

    echo "${red}FAILED${off} $name: $p passed, $f failed, $s skipped ($took s); see $log"
    if [[ $f == 0 ]]; then # a crash, a hang, or no result
        failed=$((failed + 1))
        case $code in
            124 | 137) echo "    stopped after $limit s, or killed" ;;
            *) echo "    ended with code $code before it could say what failed" ;;
        esac
        { grep -m 1 -A 14 -E '^(Process terminated|Unhandled exception|Fatal error)' "$log" || tail -n 30 "$log"; } |
            cut -c 1-240 | sed 's/^/    /'
        grep '^torture: ' "$log" | tail -n 1 | sed "s/^torture: \(.*\)/    replay: AWSIO_TORTURE_REPLAY='\1' .\/test.sh --torture/" || true
    elif [[ $kind == xunit ]]; then
        awk '/\[FAIL\]$/ { on = 1 } /^  [A-Z][a-z]+: / || /\[(SKIP|PASS)\]$/ || /^===/ { on = 0 } on' "$log"
    else
        awk '/(failed in|errored in)/ { on = 1 } / INF\] /  { on = 0 } on' "$log"
    fi
}

run_all() {
    local framework project folder arguments
    for framework in "${frameworks[@]}"; do
        for project in "${projects[@]}"; do
            folder=tests/$project/bin/Release/$framework
            [[ $framework == net10.0 ]] || folder=artifacts/$framework/$project
            case " ${expecto_projects[*]} " in
                *" $project "*)
                    arguments=(expecto --colours 0 --no-spinner --summary --fail-on-focused-tests
                        --junit-summary "$results/$project-$framework.xml")
                    [[ $fast == 0 ]] || arguments+=(--no-slow)
                    [[ -z $filter ]] || arguments+=(--match "$filter")
                    ;;
                *)
                    arguments=(xunit -noColor -noLogo -noAutoReporters -longRunning 60 -result-xml "$results/$project-$framework.xml")
                    arguments+=(-trait- Category=Torture)
                    [[ $fast == 0 ]] || arguments+=(-trait- Category=Slow)
                    [[ $stress == 0 ]] || arguments+=(-explicit only -trait Category=Stress)
                    [[ -z $filter ]] || arguments+=(-method "*$filter*")
                    ;;
            esac
            run "$project-$framework" "$folder/$project" "${arguments[@]}"
        done
    done
}

# Calls in three are interrupted, cut short, or find nothing to do: nobody must notice. close is left out of the first, since tests
# ask what it answers. Errors that nobody could fail to notice (EMFILE, ENOMEM, EPIPE, ...) go to the scenarios, and by refusals to
# contract tests: docs/faults.md, "Torture".
p='33%@7'
plans=(
    "interrupted|accept4:$p=EINTR; recv:$p=EINTR; send:$p=EINTR; sendmsg:$p=EINTR; read:$p=EINTR; write:$p=EINTR; connect:$p=EINTR; \
sendto:$p=EINTR; recvmsg:$p=EINTR; sendmmsg:$p=EINTR; recvmmsg:$p=EINTR; \
eventfd_write:$p=EINTR; epoll_wait:$p=EINTR; epoll_pwait2:$p=EINTR"
    "short|recv:$p=short(1); send:$p=short(1); sendmsg:$p=short(1); read:$p=short(1); write:$p=short(1); \
sendmmsg:$p=short(1); recvmmsg:$p=short(1); \
epoll_wait:$p=short(1); epoll_pwait2:$p=short(1)"
    "blocked|accept4:$p=EAGAIN; recv:$p=EAGAIN; send:$p=EAGAIN; sendmsg:$p=EAGAIN; read:$p=EAGAIN; write:$p=EAGAIN; \
sendto:$p=EAGAIN; recvmsg:$p=EAGAIN; sendmmsg:$p=EAGAIN; recvmmsg:$p=EAGAIN"
)

# The contract tests for each call alone, by what uses it: call|what nobody must notice|tests|loops. What close answers, tests ask; it
# is left to the scenarios.
calls=(
    "connect|EINTR|sockets|"
    "accept4|EINTR EAGAIN|sockets|"
    "recv|EINTR EAGAIN short(1)|sockets|"
    "send|EINTR EAGAIN short(1)|sockets|"
    "sendmsg|EINTR EAGAIN short(1)|sockets|"
    "sendto|EINTR EAGAIN|datagrams|"
    "recvmsg|EINTR EAGAIN|datagrams|"
    "sendmmsg|EINTR EAGAIN short(1)|datagrams|"
    "recvmmsg|EINTR EAGAIN short(1)|datagrams|"
    "read|EINTR EAGAIN short(1)|pipes|"
    "write|EINTR EAGAIN short(1)|pipes|"
    "eventfd_write|EINTR|loops|"
    "epoll_wait|EINTR short(1)|loops|"
    "epoll_pwait2|EINTR short(1)|loops|"
    "kevent|EINTR|loops|kqueue"
    "kevent_trigger|EINTR|loops|kqueue"
    "kevent_wait|EINTR short(1)|loops|kqueue"
)

# Without what is nothing more here: manual loops make no calls, the double's own tests are on the double whatever the environment says,
# and loops that spin use the same calls as those that sleep. The models make no calls either, and are left out of the whole suites.
classes_of() {
    case $1 in
        sockets)
            echo '-class AwsIO.Tests.Sockets.* -class AwsIO.Tests.Channels.* -class AwsIO.Tests.Bootstrap.*'
            echo '-class- AwsIO.Tests.Sockets.Pipes.* -class- AwsIO.Tests.Sockets.Datagrams.*' ;;
        contract)
            # All but what is about something else than calls, or makes none, or makes them itself.
            for part in Architecture ModelChecking Certificates Faults Infrastructure NativeCalls Torture EventLoops.Kqueue; do
                echo "-class- AwsIO.Tests.$part.*"
            done
            echo '-class- AwsIO.Tests.EventLoops.Manual* -class- AwsIO.Tests.EventLoops.Spinning*' ;;
        names) echo '-class AwsIO.Tests.Resolution.* -class AwsIO.Tests.Bootstrap.* -class AwsIO.Tests.Sockets.SocketEndpoint*' ;;
        tls) echo '-class AwsIO.Tests.Tls.* -class AwsIO.Tests.Bootstrap.* -class AwsIO.Tests.Samples.*' ;;
        datagrams) echo '-class AwsIO.Tests.Sockets.Datagrams.*' ;;
        pipes) echo '-class AwsIO.Tests.Sockets.Pipes.* -class AwsIO.Tests.EventLoops.Subscription*' ;;
        loops)
            echo '-class AwsIO.Tests.EventLoops.* -class- AwsIO.Tests.EventLoops.Manual* -class- AwsIO.Tests.EventLoops.Kqueue.*'
            echo '-class- AwsIO.Tests.EventLoops.Spinning*' ;;
    esac
}

# A call that fails for good, once for each test: call|tests|loops. A test may fail then, but nothing else may: docs/faults.md, "Refusals".
refusals=(
    "socket|contract|" "connect|contract|" "bind|contract|" "listen|contract|" "accept4|contract|"
    "recv|contract|" "send|contract|" "sendmsg|contract|" "shutdown|contract|" "close|contract|"
    "setsockopt|contract|" "getsockopt|contract|" "getsockname|contract|" "getpeername|contract|"
    "epoll_create1|contract|" "epoll_ctl|contract|" "eventfd|contract|" "pthread_create|contract|"
    "kqueue|loops|kqueue" "kevent|loops|kqueue"
    "getaddrinfo|names|" "if_nametoindex|names|"
    "read|pipes|" "write|pipes|" "pipe2|pipes|" "ioctl|pipes|"
    "sendto|datagrams|" "recvmsg|datagrams|" "sendmmsg|datagrams|" "recvmmsg|datagrams|"
    "sched_getaffinity|loops|" "sched_setaffinity|loops|"
    "BIO_new|tls|" "BIO_new_mem_buf|tls|" "PEM_read_bio_X509|tls|" "PEM_read_bio_PrivateKey|tls|" "i2d_X509|tls|"
    "X509_STORE_new|tls|" "X509_STORE_add_cert|tls|"
    "SSL_CTX_new|tls|" "SSL_CTX_set_cipher_list|tls|" "SSL_CTX_use_certificate|tls|" "SSL_CTX_use_PrivateKey|tls|"
    "SSL_CTX_add1_chain_cert|tls|" "SSL_CTX_check_private_key|tls|" "SSL_CTX_set1_verify_cert_store|tls|"
    "SSL_CTX_set_default_verify_paths|tls|" "SSL_CTX_set_min_proto_version|tls|" "SSL_CTX_set_max_proto_version|tls|"
    "SSL_new|tls|" "SSL_set_ex_data|tls|" "SSL_set_alpn_protos|tls|" "SSL_set_tlsext_host_name|tls|" "SSL_set1_host|tls|"
    "SSL_do_handshake|tls|" "SSL_read|tls|" "SSL_write|tls|" "SSL_shutdown|tls|"
)

say_faults() { sed -n 's/^fault plan: \([0-9]*\) faults.*/      \1 faults/p' "$logs/$1.log" | tail -n 1; }

run_calls() {
    local entry call outcomes tests loops outcome name classes arguments
    set -f # the classes' asterisks are xunit's
    for entry in "${calls[@]}"; do
        IFS='|' read -r call outcomes tests loops <<< "$entry"
        for outcome in $outcomes; do
            name=AwsIO.Core.Tests-net10.0-$call-${outcome%%(*}
            read -r -a classes <<< "$(classes_of "$tests" | xargs)"
            arguments=(xunit -noColor -noLogo -noAutoReporters -longRunning 60 -result-xml "$results/$name.xml" "${classes[@]}")
            arguments+=(-trait- Category=Torture -trait- Category=ExactCalls -trait- Category=Slow)
            [[ -z $filter ]] || arguments+=(-method "*$filter*")
            AWSIO_TEST_LOOPS=$loops AWSIO_FAULT_PLAN="$call:$p=$outcome" \
                run "$name" "tests/AwsIO.Core.Tests/bin/Release/net10.0/AwsIO.Core.Tests" "${arguments[@]}"
            say_faults "$name"
        done
    done
    set +f
}

# Two at a time: what they do most is wait.
run_refusals() {
    local entry call tests loops project name classes arguments running=()
    set -f # the classes' asterisks are xunit's
    for entry in "${refusals[@]}" end; do
        if [[ ${#running[@]} == 2 || ($entry == end && ${#running[@]} -gt 0) ]]; then
            wait
            for name in "${running[@]}"; do
                project=${name%%-*}
                judge "$name" "tests/$project/bin/Release/net10.0/$project" xunit
                sed -n 's/^refusals: /      /p' "$logs/$name.log" | tail -n 1 || true
            done
            running=()
        fi

        [[ $entry != end ]] || break
        IFS='|' read -r call tests loops <<< "$entry"
        project=AwsIO.Core.Tests
        name=$project-net10.0-refused-$call
        read -r -a classes <<< "$(classes_of "$tests" | xargs)"
        arguments=(-noColor -noLogo -noAutoReporters -longRunning 60 -parallelMode none -result-xml "$results/$name.xml")
        arguments+=("${classes[@]}" -trait- Category=Torture -trait- Category=ExactCalls -trait- Category=Slow)
        [[ -z $filter ]] || arguments+=(-method "*$filter*")
        AWSIO_TEST_LOOPS=$loops AWSIO_REFUSE=$call \
            execute "$name" "tests/$project/bin/Release/net10.0/$project" xunit "${arguments[@]}" &
        running+=("$name")
    done
    set +f
}

run_torture() {
    local project name plan arguments
    export AWSIO_FAULTS=1
    unset AWSIO_FAULT_PLAN
    for project in "${xunit_projects[@]}"; do
        name=$project-net10.0-torture
        arguments=(xunit -noColor -noLogo -noAutoReporters -longRunning 60 -result-xml "$results/$name.xml" -trait Category=Torture)
        [[ -z $filter ]] || arguments+=(-method "*$filter*")
        run "$name" "tests/$project/bin/Release/net10.0/$project" "${arguments[@]}"
        echo "      $(count "$logs/$name.log" '^torture: ') runs of scenarios"
    done

    [[ -z ${AWSIO_TORTURE_REPLAY:-} ]] || return 0
    run_calls
    run_refusals
    for plan in "${plans[@]}"; do
        for project in "${xunit_projects[@]}"; do
            name=$project-net10.0-${plan%%|*}
            arguments=(xunit -noColor -noLogo -noAutoReporters -longRunning 60 -result-xml "$results/$name.xml")
            arguments+=(-trait- Category=Torture -trait- Category=ExactCalls)
            [[ $project != AwsIO.Core.Tests ]] || arguments+=(-class- 'AwsIO.Tests.ModelChecking.*')
            [[ -z $filter ]] || arguments+=(-method "*$filter*")
            AWSIO_FAULT_PLAN=${plan#*|} run "$name" "tests/$project/bin/Release/net10.0/$project" "${arguments[@]}"
            say_faults "$name"
        done
    done
}

mkdir -p "$logs"
rm -rf "$results"
mkdir -p "$results"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
AWSIO_ROOT=$PWD
export AWSIO_ROOT
unset AWSIO_REFUSE
frameworks=(net10.0)
[[ $only_net10 == 1 ]] || frameworks+=(net8.0)

check_sdk
[[ $only_net10 == 1 ]] || install_peers
rid=$(runtime_id)
build

for ((i = 1; i <= repeat; i++)); do
    run_started=$SECONDS
    if [[ $repeat -gt 1 ]]; then say "run $i of $repeat"; else say "running"; fi
    if [[ $torture == 1 ]]; then run_torture; else run_all; fi
    [[ $failed == 0 ]] || break
done

if [[ $((passed + failed + skipped)) == 0 ]]; then
    warn "no test ran${filter:+: no name has '$filter' in it}"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed == 0 && $((passed + skipped)) -gt 0 ]]

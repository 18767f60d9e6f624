# Started beside the driver, outside the process that uses it. Reads the driver's process group from
# standard input, waits until its user lets go of that pipe, whatever way it ended, then ends the
# whole group and removes the folder named by the first argument.
trap '' HUP INT TERM
group=
while read -r line; do
    group=$line
done
if [ -n "$group" ]; then
    kill -s KILL -- "-$group"
    tries=0
    while [ "$tries" -lt 100 ] && kill -s 0 -- "-$group"; do
        sleep 0.02
        tries=$((tries + 1))
    done
fi
rm -rf -- "$1" || rm -rf -- "$1"

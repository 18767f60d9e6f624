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
fi
# A process at its end may still add a file while the folder is being emptied.
tries=0
until rm -rf -- "$1" || [ "$tries" -ge 100 ]; do
    sleep 0.02
    tries=$((tries + 1))
done

# Installs the build into a folder of its own, then configures, builds and runs a project there
# that knows nothing but find_package(wattention) and the code that README shows.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/installed)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${FOLDER}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${FOLDER}/installed
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=Release -DREADME=${SOURCE}/../../README.md)
run(${CMAKE_COMMAND} --build ${FOLDER}/build)
run(${FOLDER}/build/user)
run(${FOLDER}/installed/bin/wattention table show horowitz-45nm OUTPUT_QUIET)
